import { describe, expect, it } from '@jest/globals';
import {
  aMemory,
  anAgent,
  anImplementation,
  aProvider,
  aRun,
  notReady,
} from '../../../test/support/builders/objects.js';
import { MemoryCluster } from '../../../test/support/memory-cluster.js';
import type { KubernetesObject } from '../../api/meta/object.js';
import type { Agent } from '../../api/v1alpha1/agent.types.js';
import type { AgentRunStatus } from '../../api/v1alpha1/agent-run-status.types.js';
import type { AgentRun } from '../../api/v1alpha1/agent-run.types.js';
import { AGENT_RUNS, AGENTS } from '../kubernetes/resource.js';
import { RunCaches } from './run-caches.js';

const submitted: AgentRunStatus = { submittedAt: '2026-01-01T00:00:00Z' };
const finished: AgentRunStatus = {
  conditions: [
    { type: 'Finished', status: 'True', reason: 'Failed', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' },
  ],
};

function named(name: string, spec: Partial<AgentRun['spec']> = {}, status?: AgentRunStatus): AgentRun {
  return aRun(spec, status, { name, uid: `uid-${name}` });
}

function wokenBy(object: KubernetesObject, previous?: KubernetesObject): readonly string[] {
  const cluster = new MemoryCluster();
  cluster.put(AGENTS, anAgent());
  cluster.put(AGENT_RUNS, named('waits'));
  cluster.put(
    AGENT_RUNS,
    named('waits-for-another', { agentRef: { name: 'other' }, implementationRef: { name: 'other' } }),
  );
  cluster.put(AGENT_RUNS, named('runs', {}, submitted));
  cluster.put(AGENT_RUNS, named('is-over', {}, finished));
  const { informers, sync } = cluster.caches();
  const caches = new RunCaches(informers);
  sync();
  const watch = caches.watches().find(({ informer }) => informer.resource.kind === object.kind);
  return watch?.mapToKeys({ type: 'updated', object, ...(previous && { previous }) }) ?? [];
}

describe('a change wakes only the runs that wait for it', () => {
  it.each([
    ['of an Agent', anAgent()],
    ['of the provider of an Agent', aProvider()],
    ['of an ImplementationSpec', anImplementation()],
  ])('%s', (_name, object) => {
    expect(wokenBy(object)).toEqual(['team-a/waits']);
  });

  it('of a Memory, which any waiting run of the namespace might get', () => {
    expect(wokenBy(aMemory('m'))).toEqual(['team-a/waits', 'team-a/waits-for-another']);
  });

  it('of an object of another namespace wakes none', () => {
    const agent = anAgent();
    expect(wokenBy({ ...agent, metadata: { ...agent.metadata, namespace: 'team-b' } })).toEqual([]);
  });
});

describe('a change of an Agent wakes its runs', () => {
  const agent = anAgent();
  const paused = { type: 'Paused', status: 'True' as const, reason: 'AuthFailed', message: '', lastTransitionTime: '' };

  it.each<[string, KubernetesObject, woken: boolean]>([
    ['when its spec changed', { ...agent, metadata: { ...agent.metadata, generation: 2 } }, true],
    [
      'when the new spec was looked at',
      { ...agent, status: { ...agent.status, observedGeneration: 2 } } as Agent,
      true,
    ],
    ['when it is not Ready any more', anAgent({}, notReady('gone')), true],
    [
      'not when it was paused',
      anAgent({}, { ...agent.status, conditions: [...(agent.status?.conditions ?? []), paused] }),
      false,
    ],
    ['not when it was annotated', { ...agent, metadata: { ...agent.metadata, annotations: { a: 'b' } } }, false],
  ])('%s', (_name, changed, woken) => {
    expect(wokenBy(changed, agent)).toEqual(woken ? ['team-a/waits'] : []);
  });
});

it('the cache of runs holds what the run was told to do only until it is submitted', () => {
  const cluster = new MemoryCluster();
  const parameters = { script: 'true' };
  cluster.put(AGENT_RUNS, named('waits', { parameters }));
  cluster.put(AGENT_RUNS, named('runs', { parameters }, submitted));
  const { informers, sync } = cluster.caches();
  const { runs } = new RunCaches(informers);
  sync();
  expect(runs.get('team-a', 'waits')?.spec).toHaveProperty('parameters');
  expect(runs.get('team-a', 'runs')?.spec).not.toHaveProperty('parameters');
});
