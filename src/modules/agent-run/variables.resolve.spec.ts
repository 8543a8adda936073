import { describe, expect, it } from '@jest/globals';
import { aMemory, anAgent, anImplementation, aProvider, aRun } from '../../../test/support/builders/objects.js';
import type { Memory } from '../../api/v1alpha1/memory.types.js';
import { agentInput, templateVariables } from './variables.resolve.js';

function inputOf(memory?: Memory) {
  const provider = aProvider({ outputArtifacts: [{ name: 'report', path: 'report.md', required: true }] });
  const implementation = anImplementation({ text: 'Fix it.' });
  const references = { agent: anAgent(), provider, implementation, runtime: 'job' as const, ...(memory && { memory }) };
  return agentInput(templateVariables(aRun(), references), references);
}

describe('what an agent may read of its run', () => {
  it('is what is declared and nothing else of the template variables', () => {
    const input = inputOf();
    expect(Object.keys(input)).toEqual(['run', 'agent', 'implementation', 'parameters', 'git', 'artifacts']);
    expect(input).toMatchObject({
      run: { name: 'fix-login', namespace: 'team-a', uid: 'uid-fix-login' },
      implementation: { text: 'Fix it.' },
      artifacts: [{ name: 'report', path: 'report.md' }],
    });
  });

  it('names its memory when it has one', () => {
    expect(inputOf(aMemory('notes', { type: 'redis', capabilities: ['kv'] })).memory).toEqual({
      name: 'notes',
      type: 'redis',
      capabilities: ['kv'],
    });
  });
});
