import { describe, expect, it } from '@jest/globals';
import type { MemoryCluster } from '../../../test/support/memory-cluster.js';
import { aMemory, anAgent, anImplementation, aProvider, aRun } from '../../../test/support/builders/objects.js';
import { aCluster, cancel, createdJobs, finishJob, runIn, startProcess } from '../../../test/support/run-process.js';
import type { Agent } from '../../api/v1alpha1/agent.types.js';
import type { AgentProvider } from '../../api/v1alpha1/agent-provider.types.js';
import type { AgentRunSpec } from '../../api/v1alpha1/agent-run.types.js';
import type { ImplementationSpec } from '../../api/v1alpha1/implementation-spec.types.js';
import type { Memory } from '../../api/v1alpha1/memory.types.js';
import { AGENT_PROVIDERS, AGENT_RUNS, AGENTS, IMPLEMENTATION_SPECS, JOBS, MEMORIES } from '../kubernetes/resource.js';

/** Objects that a run refers to, as they are at one moment. */
interface Objects {
  agent?: Agent;
  provider?: AgentProvider;
  implementation?: ImplementationSpec;
  memory?: Memory;
}

function putAll(cluster: MemoryCluster, { agent, provider, implementation, memory }: Objects): void {
  if (agent) cluster.put(AGENTS, agent);
  if (provider) cluster.put(AGENT_PROVIDERS, provider);
  if (implementation) cluster.put(IMPLEMENTATION_SPECS, implementation);
  if (memory) cluster.put(MEMORIES, memory);
}

const phaseOf = (cluster: MemoryCluster) => runIn(cluster)?.status?.phase;

describe('a cache that is behind', () => {
  it('and shows a finished run as new does not start it a second time', async () => {
    const cluster = aCluster();
    const behind = startProcess(cluster);
    const other = startProcess(cluster);
    await other.settle();
    finishJob(cluster);
    await other.settle();
    for (const job of cluster.all(JOBS)) cluster.remove(JOBS, 'team-a', job.metadata.name);
    await behind.pass();
    expect(createdJobs(cluster)).toHaveLength(1);
    expect(phaseOf(cluster)).toBe('Succeeded');
  });

  it('and shows a cancelled run as wanted does not start it', async () => {
    const cluster = aCluster();
    const behind = startProcess(cluster);
    const other = startProcess(cluster);
    await other.settle();
    cancel(cluster);
    await other.settle();
    await behind.pass();
    expect(cluster.all(JOBS)).toEqual([]);
    expect(createdJobs(cluster)).toHaveLength(1);
    expect(phaseOf(cluster)).toBe('Cancelled');
  });

  it('and shows a run as wanted that another leader cancelled before it was submitted makes nothing', async () => {
    const cluster = aCluster();
    const behind = startProcess(cluster);
    cancel(cluster);
    await startProcess(cluster).settle();
    await behind.pass();
    expect(cluster.created).toEqual([]);
    expect(phaseOf(cluster)).toBe('Cancelled');
  });

  it('and shows a run as valid that another leader found invalid makes nothing', async () => {
    const cluster = aCluster({ secrets: [{ name: 's' }] });
    cluster.put(AGENTS, anAgent({ security: { allowedSecrets: ['s'] } }));
    const behind = startProcess(cluster);
    cluster.put(AGENTS, anAgent());
    await startProcess(cluster).settle();
    await behind.pass();
    expect(cluster.created).toEqual([]);
    expect(cluster.read(AGENT_RUNS, 'team-a', 'fix-login')?.status?.reason).toBe('SecretNotAllowed');
  });

  it.each<[string, (cluster: MemoryCluster) => void]>([
    [
      'is being deleted',
      (cluster) => cluster.put(AGENT_RUNS, aRun({}, undefined, { deletionTimestamp: '2026-01-01T00:00:05Z' })),
    ],
    ['is gone', (cluster) => cluster.remove(AGENT_RUNS, 'team-a', 'fix-login')],
    ['gave its name to another', (cluster) => cluster.put(AGENT_RUNS, aRun({}, undefined, { uid: 'another' }))],
  ])('and shows a run that %s makes nothing for it', async (_name, change) => {
    const cluster = aCluster();
    const behind = startProcess(cluster);
    change(cluster);
    await behind.pass();
    expect(cluster.created).toEqual([]);
  });

  const SECRETS = { secrets: [{ name: 's' }] };
  const LONG = 'é'.repeat(70_000);
  const quotesText = aProvider({ argsTemplate: ['{{ implementation.text }}'] });

  it.each<[string, run: Partial<AgentRunSpec>, before: Objects, now: Objects]>([
    ['an Agent that allows it', SECRETS, {}, { agent: anAgent({ security: { allowedSecrets: ['s'] } }) }],
    [
      'a provider that can be rendered',
      {},
      { provider: aProvider({ argsTemplate: ['{{ parameters.branch }}'] }) },
      { provider: aProvider() },
    ],
    [
      'an implementation of a size that fits',
      {},
      { provider: quotesText, implementation: anImplementation({ text: LONG }) },
      { implementation: anImplementation() },
    ],
    [
      'a Memory whose Secret is allowed',
      { memoryRef: { name: 'm' } },
      {
        agent: anAgent({ security: { allowedSecrets: ['shared'] } }),
        memory: aMemory('m'),
      },
      { memory: aMemory('m', { connection: { secretRef: { name: 'shared' } } }) },
    ],
  ])('and does not show %s yet does not make a run invalid for good', async (_name, spec, before, now) => {
    const cluster = aCluster(spec);
    putAll(cluster, before);
    const behind = startProcess(cluster);
    putAll(cluster, now);
    await behind.pass();
    expect(createdJobs(cluster)).toHaveLength(1);
    expect(phaseOf(cluster)).toBe('Pending');
  });

  it('and does not show that a referenced object is gone says what is missing, not that the run is invalid', async () => {
    const cluster = aCluster(SECRETS);
    const behind = startProcess(cluster);
    cluster.remove(AGENTS, 'team-a', 'coder');
    await behind.pass();
    expect(cluster.read(AGENT_RUNS, 'team-a', 'fix-login')?.status).toMatchObject({
      phase: 'Pending',
      reason: 'AgentNotFound',
    });
  });

  it('and does not show the Job yet does not call it lost', async () => {
    const cluster = aCluster();
    const process = startProcess(cluster);
    await process.settle();
    const job = cluster.all(JOBS)[0]!;
    cluster.remove(JOBS, 'team-a', job.metadata.name);
    process.sync();
    cluster.put(JOBS, job);
    await process.pass();
    expect(phaseOf(cluster)).toBe('Pending');
  });

  it('of two leaders at once lets one Job be made', async () => {
    const cluster = aCluster();
    const [one, two] = [startProcess(cluster), startProcess(cluster)];
    await Promise.allSettled([one.pass(), two.pass(), one.pass(), two.pass()]);
    await one.settle();
    expect(createdJobs(cluster)).toHaveLength(1);
    expect(cluster.all(JOBS)).toHaveLength(1);
  });
});
