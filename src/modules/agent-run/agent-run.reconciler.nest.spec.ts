import { describe, expect, it } from '@jest/globals';
import { Crash, type CrashPoint, MemoryCluster } from '../../../test/support/memory-cluster.js';
import { aReport } from '../../../test/support/builders/job.js';
import { anAgent, aRun } from '../../../test/support/builders/objects.js';
import { aCluster, cancel, createdJobs, finishJob, runIn, startProcess } from '../../../test/support/run-process.js';
import { LABELS } from '../../api/meta/labels.js';
import { AGENT_RUNS, AGENTS, CONFIG_MAPS, JOBS } from '../kubernetes/resource.js';

const NOW = new Date('2026-01-01T00:00:10Z');

const phaseOf = (cluster: MemoryCluster) => runIn(cluster)?.status?.phase;

describe('a run', () => {
  it('is frozen, submitted, followed and finished, with its events in order', async () => {
    const cluster = aCluster();
    const process = startProcess(cluster);
    await process.settle();
    expect(cluster.created.map((name) => name.split('/')[0])).toEqual(['configmaps', 'jobs']);
    finishJob(cluster);
    await process.settle();
    expect(phaseOf(cluster)).toBe('Succeeded');
    expect(process.events).toEqual(['Submitted', 'Started', 'Succeeded']);
    expect(process.outcomes).toEqual(['Pending', 'Succeeded']);
  });

  it('is submitted and written down in one pass, which waits for no event of its own', async () => {
    const cluster = aCluster();
    const process = startProcess(cluster);
    await process.pass();
    expect(createdJobs(cluster)).toHaveLength(1);
    expect(cluster.read(AGENT_RUNS, 'team-a', 'fix-login')?.status).toMatchObject({
      reason: 'Submitted',
      submittedAt: NOW.toISOString().replace('.000', ''),
      runtimeRef: { name: cluster.all(JOBS)[0]!.metadata.name },
    });
  });

  it('gets no finalizer, nor does anything that is made for it: nobody has to be there when it is deleted', async () => {
    const cluster = aCluster();
    await startProcess(cluster).settle();
    const objects = [...cluster.all(AGENT_RUNS), ...cluster.all(JOBS), ...cluster.all(CONFIG_MAPS)];
    expect(objects).toHaveLength(3);
    expect(objects.map(({ metadata }) => metadata.finalizers)).toEqual([undefined, undefined, undefined]);
  });

  it('writes nothing when nothing changed', async () => {
    const cluster = aCluster();
    await startProcess(cluster).settle();
    const before = cluster.read(AGENT_RUNS, 'team-a', 'fix-login')?.metadata.resourceVersion;
    await startProcess(cluster).settle();
    expect(cluster.read(AGENT_RUNS, 'team-a', 'fix-login')?.metadata.resourceVersion).toBe(before);
  });

  it('uses what was frozen, whatever its Agent has become since', async () => {
    const cluster = aCluster();
    await expect(startProcess(cluster, { write: 2, when: 'before' }).pass()).rejects.toThrow(Crash);
    cluster.put(AGENTS, anAgent({ env: [{ name: 'X', value: 'changed' }] }));
    await startProcess(cluster).settle();
    const frozen = cluster.all(CONFIG_MAPS)[0] as { data?: Record<string, string> };
    expect(frozen.data?.['runner.json']).not.toContain('changed');
    expect(createdJobs(cluster)).toHaveLength(1);
  });
});

describe('a status that the API server finds invalid', () => {
  const artifact = { name: 'report', path: 'r', sizeBytes: 1, sha256: 'a'.repeat(64) };
  const report = aReport({
    message: 'well done',
    artifacts: [artifact],
    outputs: { o: 'x' },
    usage: { inputTokens: 1 },
  });

  it.each([
    ['its artifacts', 0, 'Succeeded', (status: object) => 'artifacts' in status],
    ['its outputs', 3, 'Failed', (status: object) => 'outputs' in status],
    ['its texts', 0, 'Succeeded', (status: object) => JSON.stringify(status).includes('well done')],
    ['its exit code', 3, 'Failed', (status: object) => JSON.stringify(status).includes('exitCode')],
  ])('for %s is written without details, so that the run ends', async (_name, exitCode, phase, refuses) => {
    const cluster = aCluster();
    const process = startProcess(cluster);
    await process.settle();
    cluster.refusesStatus = refuses;
    finishJob(cluster, exitCode, report);
    await process.settle();
    const status = cluster.read(AGENT_RUNS, 'team-a', 'fix-login')?.status;
    expect(status).toMatchObject({ phase, message: expect.stringContaining('details were left out') });
    expect(status).not.toHaveProperty('artifacts');
    expect(process.events.at(-1)).toBe(phase);
  });

  it('for anything else is not given up', async () => {
    const cluster = aCluster();
    cluster.refusesStatus = () => true;
    await expect(startProcess(cluster).pass()).rejects.toThrow('422 Invalid');
  });
});

describe('whatever the moment a process dies at', () => {
  const points = [1, 2, 3].flatMap((write) =>
    (['before', 'after'] as const).map((when): CrashPoint => ({ write, when })),
  );

  it.each(points)('write $write, $when: one Job is made and the run succeeds', async (crash) => {
    const cluster = aCluster();
    await expect(startProcess(cluster, crash).pass()).rejects.toThrow(Crash);
    const next = startProcess(cluster);
    await next.settle();
    finishJob(cluster);
    await next.settle();
    expect(createdJobs(cluster)).toHaveLength(1);
    expect(phaseOf(cluster)).toBe('Succeeded');
    const status = cluster.read(AGENT_RUNS, 'team-a', 'fix-login')?.status;
    expect(status?.resolved?.image).toBe('operator/agent:1');
    expect(status?.submittedAt).toBeDefined();
  });

  it.each(points)('write $write, $when: a cancel that follows ends it without a second Job', async (crash) => {
    const cluster = aCluster();
    await expect(startProcess(cluster, crash).pass()).rejects.toThrow(Crash);
    cancel(cluster);
    await startProcess(cluster).settle();
    expect(createdJobs(cluster).length).toBeLessThanOrEqual(1);
    expect(cluster.all(JOBS)).toEqual([]);
    expect(phaseOf(cluster)).toBe('Cancelled');
  });
});

describe('a workload', () => {
  it('that takes long to end is not waited for in a pass, and the run is Cancelled only when it is gone', async () => {
    const cluster = aCluster();
    const process = startProcess(cluster);
    await process.settle();
    const job = cluster.all(JOBS)[0]!;
    // As Foreground deletion has it: the Job stays until its pods are gone.
    cluster.put(JOBS, { ...job, metadata: { ...job.metadata, finalizers: ['foregroundDeletion'] } });
    cancel(cluster);
    await process.settle();
    expect(cluster.all(JOBS).map(({ metadata }) => metadata.deletionTimestamp)).toEqual([expect.any(String)]);
    expect(cluster.read(AGENT_RUNS, 'team-a', 'fix-login')?.status).toMatchObject({
      phase: 'Running',
      reason: 'Stopping',
    });
    cluster.remove(JOBS, 'team-a', job.metadata.name);
    await process.settle();
    expect(phaseOf(cluster)).toBe('Cancelled');
  });

  it('that is gone by the time it is to be stopped is stopped: nothing is repeated for it', async () => {
    const cluster = aCluster();
    const behind = startProcess(cluster);
    await behind.settle();
    cancel(cluster);
    behind.sync();
    for (const job of cluster.all(JOBS)) cluster.remove(JOBS, 'team-a', job.metadata.name);
    await expect(behind.pass()).resolves.toEqual({ kind: 'done' });
    await behind.settle();
    expect(phaseOf(cluster)).toBe('Cancelled');
  });

  it('that something else deleted makes the run WorkloadLost', async () => {
    const cluster = aCluster({ retry: { limit: 0 } });
    const process = startProcess(cluster);
    await process.settle();
    for (const job of cluster.all(JOBS)) cluster.remove(JOBS, 'team-a', job.metadata.name);
    await process.settle();
    expect(cluster.read(AGENT_RUNS, 'team-a', 'fix-login')?.status).toMatchObject({
      phase: 'Failed',
      failureClass: 'WorkloadLost',
    });
    expect(createdJobs(cluster)).toHaveLength(1);
  });

  it('of a namesake that was deleted is not taken for the run’s own', async () => {
    const cluster = aCluster();
    await startProcess(cluster).settle();
    const name = cluster.all(JOBS)[0]!.metadata.name;
    cluster.remove(AGENT_RUNS, 'team-a', 'fix-login');
    cluster.put(AGENT_RUNS, aRun({}, undefined, { uid: 'another' }));
    await startProcess(cluster).settle();
    expect(
      cluster
        .all(JOBS)
        .map(({ metadata }) => metadata.labels?.[LABELS.agentRunUid])
        .toSorted(),
    ).toEqual(['another', 'uid-fix-login']);
    expect(new Set(cluster.all(JOBS).map(({ metadata }) => metadata.name)).size).toBe(2);
    expect(cluster.all(JOBS).map(({ metadata }) => metadata.name)).toContain(name);
  });

  it('whose name something else has taken is a NameConflict, and that object is left alone', async () => {
    const cluster = aCluster();
    await startProcess(cluster).settle();
    const [job] = cluster.all(JOBS);
    const foreign = { ...job!, metadata: { ...job!.metadata, ownerReferences: [], uid: 'foreign' } };
    const again = aCluster();
    again.put(JOBS, foreign);
    await startProcess(again).settle();
    expect(again.read(AGENT_RUNS, 'team-a', 'fix-login')?.status).toMatchObject({
      phase: 'Failed',
      failureClass: 'NameConflict',
    });
    expect(again.all(JOBS)).toHaveLength(1);
  });
});
