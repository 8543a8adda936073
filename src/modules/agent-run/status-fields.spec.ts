import { describe, expect, it } from '@jest/globals';
import { anAgent, anImplementation, aProvider, aRun } from '../../../test/support/builders/objects.js';
import { operatorDefaults } from '../../../test/support/builders/operator.js';
import { runStatus } from './agent-run.status.js';
import { resolveExecution } from './execution.resolve.js';
import { resolvedOf } from './frozen.manifest.js';

const NOW = '2026-01-02T00:00:00Z';

describe('a status tells', () => {
  it('the generations that were resolved, and the version of a tracker [AgentRun status.resolved.{agentGeneration,providerGeneration,implementationSourceVersion}]', () => {
    const of = <T extends { metadata: object }>(object: T, generation: number): T => ({
      ...object,
      metadata: { ...object.metadata, generation },
    });
    const references = {
      agent: of(anAgent(), 3),
      provider: of(aProvider(), 5),
      implementation: { ...anImplementation(), status: { sourceVersion: 'v7' } },
      runtime: 'job' as const,
    };
    const resolution = resolveExecution(aRun(), references, operatorDefaults());
    expect(resolution.kind === 'ready' && resolvedOf(resolution.execution)).toMatchObject({
      agentGeneration: 3,
      providerGeneration: 5,
      implementationSourceVersion: 'v7',
    });
  });

  it('since when a run waits for its turn, however often that is looked at [AgentRun status.queuedAt]', () => {
    const queued = { kind: 'queued', reason: 'Queued', message: 'no free slot' } as const;
    const facts = { observation: { state: 'absent' } } as const;
    const first = runStatus(aRun(), queued, facts, new Date(NOW));
    expect(first.queuedAt).toBe(NOW);
    expect(runStatus(aRun({}, first), queued, facts, new Date('2026-02-01T00:00:00Z')).queuedAt).toBe(NOW);
  });

  it('each condition whole, for the generation that was looked at [AgentRun status.conditions.{type,status,reason,message,lastTransitionTime,observedGeneration} status.observedGeneration]', () => {
    const blocked = { kind: 'blocked', reason: 'AgentNotFound', message: 'create it' } as const;
    const observation = { state: 'absent' } as const;
    const run = aRun({}, undefined, { generation: 4 });
    const { conditions, observedGeneration } = runStatus(run, blocked, { observation }, new Date(NOW));
    expect(observedGeneration).toBe(4);
    expect(conditions).toContainEqual({
      type: 'Blocked',
      status: 'True',
      reason: 'AgentNotFound',
      message: 'create it',
      lastTransitionTime: NOW,
      observedGeneration: 4,
    });
  });
});
