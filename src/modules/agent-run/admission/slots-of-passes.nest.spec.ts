import { describe, expect, it } from '@jest/globals';
import { aRun } from '../../../../test/support/builders/objects.js';
import type { MemoryCluster } from '../../../../test/support/memory-cluster.js';
import { aCluster, cancel, createdJobs, runIn, startProcess } from '../../../../test/support/run-process.js';
import type { AgentRun } from '../../../api/v1alpha1/agent-run.types.js';
import { AGENT_RUNS, AGENTS, CONFIG_MAPS, JOBS } from '../../kubernetes/resource.js';
import type { Admitted } from '../state.types.js';
import type { Admission } from './admission.js';

const QUEUED: Admitted = { kind: 'queued', reason: 'Queued', message: 'no slot' };
const MINUTE_AGO = '2025-12-31T23:59:00Z';

/** Admission that answers one thing, and what a pass did with it. */
function recorded(answer: Admitted) {
  const calls: string[] = [];
  const admission = {
    request: ({ metadata }: AgentRun) => {
      calls.push(`asked for ${metadata.name}`);
      return answer;
    },
    giveBack: (key: string) => calls.push(`gave back ${key}`),
    release: (key: string) => calls.push(`released ${key}`),
    start: () => calls.push('started'),
  } as unknown as Admission;
  return { calls, admission };
}

/** Its attempt failed a minute ago, and one more is allowed and due. */
const due = (): AgentRun =>
  aRun(
    {},
    {
      submittedAt: MINUTE_AGO,
      startedAt: MINUTE_AGO,
      attempts: [{ number: 1, submittedAt: MINUTE_AGO, finishedAt: MINUTE_AGO, failureClass: 'Evicted' }],
      resolved: { retryLimit: 1, retryBackoffSeconds: 1 },
    },
  );

const deleting = (): AgentRun => aRun({}, undefined, { deletionTimestamp: MINUTE_AGO, finalizers: ['someone/else'] });

const foreignSpec = (cluster: MemoryCluster) => {
  const [configMap] = cluster.all(CONFIG_MAPS);
  cluster.put(CONFIG_MAPS, { ...configMap!, metadata: { ...configMap!.metadata, ownerReferences: [] } });
  cluster.put(AGENT_RUNS, aRun());
};

describe('a pass', () => {
  const asked = ['asked for fix-login'];
  const gaveBack = ['gave back team-a/fix-login'];

  it.each<[string, Admitted, (cluster: MemoryCluster) => unknown, calls: string[]]>([
    ['that submits keeps the slot', { kind: 'granted' }, () => undefined, asked],
    ['of a run that has to wait leaves it waiting', QUEUED, () => undefined, asked],
    ['of a retry that has to wait leaves it waiting', QUEUED, (cluster) => cluster.put(AGENT_RUNS, due()), asked],
    [
      'of a run whose Agent is missing asks for none, and gives back what it was given',
      { kind: 'granted' },
      (cluster) => cluster.remove(AGENTS, 'team-a', 'coder'),
      gaveBack,
    ],
    ['of a run that is cancelled gives it back', { kind: 'granted' }, cancel, gaveBack],
    [
      'of a run that is being deleted gives it back',
      { kind: 'granted' },
      (cluster) => cluster.put(AGENT_RUNS, deleting()),
      ['released team-a/fix-login'],
    ],
    [
      'of a run that is gone gives it back: it may have been given one when its end was told already',
      { kind: 'granted' },
      (cluster) => cluster.remove(AGENT_RUNS, 'team-a', 'fix-login'),
      gaveBack,
    ],
  ])('%s', async (_name, answer, change, expected) => {
    const cluster = aCluster();
    change(cluster);
    const { calls, admission } = recorded(answer);
    const process = startProcess(cluster, undefined, admission);
    await process.pass();
    expect(calls).toEqual(expected);
  });

  it('over a run whose workload is there neither asks nor gives back', async () => {
    const cluster = aCluster();
    await startProcess(cluster).settle();
    const { calls, admission } = recorded({ kind: 'granted' });
    await startProcess(cluster, undefined, admission).settle();
    expect(calls).toEqual([]);
  });

  it('over a run that is being deleted releases its slot once its workload is gone, whoever keeps the run', async () => {
    const cluster = aCluster();
    await startProcess(cluster).settle();
    const { metadata, ...run } = runIn(cluster)!;
    cluster.put(AGENT_RUNS, { ...run, metadata: { ...metadata, ...deleting().metadata } });
    const { calls, admission } = recorded({ kind: 'granted' });
    await startProcess(cluster, undefined, admission).pass();
    expect([calls, cluster.all(JOBS)]).toEqual([[], []]);
    await startProcess(cluster, undefined, admission).pass();
    expect(calls).toEqual(['released team-a/fix-login']);
  });

  it('that finds its run submitted by now keeps it: the cache is behind', async () => {
    const cluster = aCluster();
    const { calls, admission } = recorded({ kind: 'granted' });
    const process = startProcess(cluster, undefined, admission);
    await process.pass();
    await process.pass();
    expect(calls).toEqual([...asked, ...asked]);
  });

  it('whose status is not written gives nothing back', async () => {
    const cluster = aCluster();
    const { calls, admission } = recorded(QUEUED);
    const process = startProcess(cluster, undefined, admission);
    cluster.remove(AGENTS, 'team-a', 'coder');
    process.sync();
    cluster.put(AGENT_RUNS, runIn(cluster)!);
    await expect(process.pass()).rejects.toThrow();
    expect(calls).toEqual([]);
  });

  it('that could not submit gives it back', async () => {
    const cluster = aCluster();
    await expect(startProcess(cluster, { write: 2, when: 'before' }).pass()).rejects.toThrow();
    foreignSpec(cluster);
    const { calls, admission } = recorded({ kind: 'granted' });
    await startProcess(cluster, undefined, admission).pass();
    expect(calls).toEqual([...asked, ...gaveBack]);
  });
});

describe('a run that has no slot', () => {
  it('says so once, since when, and without a workload [AgentRun status.queuedAt]', async () => {
    const cluster = aCluster();
    const { admission } = recorded(QUEUED);
    const process = startProcess(cluster, undefined, admission);
    await process.pass();
    const first = runIn(cluster);
    await process.settle();
    expect(createdJobs(cluster)).toEqual([]);
    expect(first?.status).toMatchObject({ phase: 'Pending', reason: 'Queued', message: 'no slot' });
    expect(first?.status?.queuedAt).toMatch(/^\d{4}-.*Z$/);
    expect(runIn(cluster)?.metadata.resourceVersion).toBe(first?.metadata.resourceVersion);
  });
});
