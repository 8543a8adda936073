import { describe, expect, it } from '@jest/globals';
import { anAgent, anImplementation, aProvider, aRun } from '../../../test/support/builders/objects.js';
import { operatorDefaults } from '../../../test/support/builders/operator.js';
import type { AgentProviderSpec } from '../../api/v1alpha1/agent-provider.types.js';
import { resolveExecution, type OperatorDefaults } from './execution.resolve.js';
import { frozenManifest, type FrozenConfigMap } from './frozen.manifest.js';

const artifactStore: NonNullable<OperatorDefaults['artifactStore']> = {
  endpoint: 'https://s3.example.com',
  bucket: 'runs',
  region: 'us-east-1',
  prefix: '',
  keyTemplate: '{{ run.uid }}/{{ artifact.key }}',
  secretName: 'artifact-store',
  forcePathStyle: true,
};

function resolved(provider: Partial<AgentProviderSpec>, operator: Partial<OperatorDefaults> = { artifactStore }) {
  const references = {
    agent: anAgent(),
    provider: aProvider(provider),
    implementation: anImplementation(),
    runtime: 'job' as const,
  };
  const resolution = resolveExecution(aRun(), references, operatorDefaults(operator));
  if (resolution.kind !== 'ready') throw new Error(resolution.message);
  return resolution.execution;
}

const outputArtifacts = [{ name: 'patch', path: 'fix.patch' }];

describe("the operator's store of artifacts", () => {
  it('is frozen with a run that has artifacts, and its runner is told where to hand them over', () => {
    const execution = resolved({ outputArtifacts });
    expect(execution.artifactStore).toEqual(artifactStore);
    expect(execution.runnerSpec.artifactStore).toEqual({ socket: '/run/agent-run-store/store.sock' });
    const { data } = frozenManifest(aRun(), execution) as FrozenConfigMap;
    expect(data?.['runner.json']).not.toContain('s3.example.com');
  });

  it.each([
    ['has no artifacts: it needs neither a container for them nor a Secret', {}, { artifactStore }],
    ['would have one, but the operator has no store', { outputArtifacts }, {}],
  ])('is not there for a run that %s', (_, provider, operator) => {
    const execution = resolved(provider, operator);
    expect(execution).not.toHaveProperty('artifactStore');
    expect(execution.runnerSpec).not.toHaveProperty('artifactStore');
  });
});
