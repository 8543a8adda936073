import { describe, expect, it } from '@jest/globals';
import { anAgent, anImplementation, aProvider, aRun } from '../../../test/support/builders/objects.js';
import type { AgentProviderSpec } from '../../api/v1alpha1/agent-provider.types.js';
import { TemplateError } from '../../domain/template.js';
import { renderProvider } from './runner-spec.resolve.js';
import { templateVariables } from './variables.resolve.js';

const LOOP = '{% for i in (1..10000) %}x{% endfor %}';

function render(provider: Partial<AgentProviderSpec>) {
  const references = {
    agent: anAgent(),
    provider: aProvider(provider),
    implementation: anImplementation(),
    runtime: 'job' as const,
  };
  return renderProvider(references, templateVariables(aRun(), references));
}

describe('the templates of a provider', () => {
  it('share one budget in a run, and the field that passes it is named', () => {
    const cheap = { argsTemplate: [LOOP, LOOP], envTemplate: { A: LOOP } };
    expect(render(cheap).env.A).toHaveLength(10_000);
    const dear = { ...cheap, inputFiles: [1, 2, 3].map((n) => ({ path: `f${n}`, content: LOOP })) };
    expect(() => render(dear)).toThrow(TemplateError);
    expect(() => render(dear)).toThrow(
      'spec.inputFiles "f2" of AgentProvider "shell": all templates of a run together may take 100000 steps',
    );
  });
});
