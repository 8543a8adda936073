import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { aReport } from '../../../test/support/builders/job.js';
import { anAgent } from '../../../test/support/builders/objects.js';
import { Crash, type CrashPoint, type MemoryCluster } from '../../../test/support/memory-cluster.js';
import { aCluster, cancel, createdJobs, finishJob, runIn, startProcess } from '../../../test/support/run-process.js';
import { checkStatusInvariants } from '../../../test/support/status-invariants.js';
import type { AgentRun } from '../../api/v1alpha1/agent-run.types.js';
import { isConflict } from '../kubernetes/api-error.js';
import { AGENT_RUNS, AGENTS, CONFIG_MAPS, JOBS } from '../kubernetes/resource.js';
import type { Job } from '../runtime/job/job.types.js';

const RATE_LIMITED = aReport({ failureClass: 'RateLimited', message: 'slow down' });
const HOUR_MS = 60 * 60 * 1000;

const pass = (cluster: MemoryCluster, ms: number) => {
  cluster.now = new Date(cluster.now.getTime() + ms);
};
/** Long enough for any back-off and any deadline of a start, and too short for the TTL. */
const later = (cluster: MemoryCluster) => pass(cluster, 2 * HOUR_MS);
const fail = (cluster: MemoryCluster) => finishJob(cluster, 1, RATE_LIMITED);
const isLive = ({ status }: Job) =>
  !(status?.conditions ?? []).some(
    ({ type, status: value }) => ['Complete', 'Failed'].includes(type) && value === 'True',
  );
const live = (cluster: MemoryCluster) => cluster.all<Job>(JOBS).filter(isLive);
const statusOf = (cluster: MemoryCluster) => runIn(cluster)?.status;

describe('a run whose attempts fail', () => {
  it('is repeated up to its limit, each time with what was frozen, and keeps the story', async () => {
    const cluster = aCluster();
    const process = startProcess(cluster);
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      await process.settle();
      expect(createdJobs(cluster)).toHaveLength(attempt);
      cluster.put(AGENTS, anAgent({ defaults: { retryLimit: 9 }, env: [{ name: 'ATTEMPT', value: String(attempt) }] }));
      fail(cluster);
      await process.settle();
      later(cluster);
    }
    await process.settle();
    expect(createdJobs(cluster)).toHaveLength(3);
    expect(cluster.all(CONFIG_MAPS)).toHaveLength(1);
    expect(statusOf(cluster)).toMatchObject({
      phase: 'Failed',
      failureClass: 'RateLimited',
      runtimeRef: { name: cluster.all(JOBS).at(-1)?.metadata.name },
      attempts: [1, 2, 3].map((number) => ({ number, failureClass: 'RateLimited', exitCode: 1, message: 'slow down' })),
    });
    expect(process.events.filter((reason) => reason !== 'Started')).toEqual([
      'Submitted',
      'Retrying',
      'Submitted',
      'Retrying',
      'Submitted',
      'Failed',
    ]);
  });

  it('succeeds with one that does, and stays Running from its first start on', async () => {
    const cluster = aCluster();
    const process = startProcess(cluster);
    await process.settle();
    fail(cluster);
    await process.settle();
    expect(statusOf(cluster)).toMatchObject({
      phase: 'Running',
      reason: 'Retrying',
      message: expect.stringContaining('RateLimited: slow down'),
    });
    later(cluster);
    await process.settle();
    expect(statusOf(cluster)).toMatchObject({ phase: 'Running', reason: 'Retrying' });
    finishJob(cluster);
    await process.settle();
    expect(statusOf(cluster)).toMatchObject({ phase: 'Succeeded', attempts: [{ number: 1 }, { number: 2 }] });
    expect(statusOf(cluster)).not.toHaveProperty('failureClass');
  });

  it('keeps the last ten of them', async () => {
    const cluster = aCluster({ retry: { limit: 11 } });
    const process = startProcess(cluster);
    for (let attempt = 1; attempt <= 12; attempt += 1) {
      await process.settle();
      fail(cluster);
      await process.settle();
      later(cluster);
    }
    expect(statusOf(cluster)?.attempts?.map(({ number }) => number)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(statusOf(cluster)?.phase).toBe('Failed');
  });

  it('is not repeated before its back-off is over, whatever wakes it', async () => {
    const cluster = aCluster();
    const process = startProcess(cluster);
    await process.settle();
    fail(cluster);
    pass(cluster, 7_000);
    await process.settle();
    expect(createdJobs(cluster)).toHaveLength(1);
    expect(await process.pass()).toMatchObject({ kind: 'requeueAfter' });
    pass(cluster, 6_000);
    await process.settle();
    expect(createdJobs(cluster)).toHaveLength(2);
  });

  it('keeps what it said of the ones before when the details of a later one are refused', async () => {
    const cluster = aCluster({ retry: { limit: 1 } });
    const process = startProcess(cluster);
    await process.settle();
    fail(cluster);
    await process.settle();
    const [first] = statusOf(cluster)?.attempts ?? [];
    later(cluster);
    await process.settle();
    cluster.refusesStatus = (status) => JSON.stringify(status).includes('odd');
    finishJob(cluster, 1, aReport({ message: 'odd' }));
    await process.settle();
    expect(statusOf(cluster)?.attempts).toMatchObject([
      { ...first, message: 'slow down', exitCode: 1 },
      { number: 2, failureClass: 'AgentError', message: expect.stringContaining('details were left out') },
    ]);
  });

  it('ends as its last attempt did when what was frozen is gone', async () => {
    const cluster = aCluster();
    const process = startProcess(cluster);
    await process.settle();
    fail(cluster);
    await process.settle();
    cluster.remove(CONFIG_MAPS, 'team-a', cluster.all(CONFIG_MAPS)[0]?.metadata.name ?? '');
    later(cluster);
    await process.settle();
    expect(statusOf(cluster)).toMatchObject({ phase: 'Failed', failureClass: 'RateLimited' });
    expect(statusOf(cluster)?.message).toContain('frozen spec is gone: slow down');
  });

  it('has one cancelled between two attempts that makes no further one', async () => {
    const cluster = aCluster();
    const process = startProcess(cluster);
    await process.settle();
    fail(cluster);
    await process.settle();
    cancel(cluster);
    later(cluster);
    await process.settle();
    expect(createdJobs(cluster)).toHaveLength(1);
    expect(statusOf(cluster)).toMatchObject({
      phase: 'Cancelled',
      attempts: [{ number: 1, failureClass: 'RateLimited' }],
    });
  });
});

describe('before a further attempt is made', () => {
  /** A run between two attempts whose back-off is over, and a process that knows it. */
  async function due() {
    const cluster = aCluster();
    const process = startProcess(cluster);
    await process.settle();
    fail(cluster);
    await process.settle();
    later(cluster);
    process.sync();
    return { cluster, process };
  }

  it('the last one is looked at, and stopped when a leader that was late has made it again', async () => {
    const { cluster, process } = await due();
    const [job] = cluster.all<Job>(JOBS);
    cluster.put(JOBS, { ...job, status: {} } as never);
    await process.pass();
    expect(createdJobs(cluster)).toHaveLength(1);
    expect(live(cluster)).toEqual([]);
    await process.settle();
    expect(createdJobs(cluster)).toHaveLength(2);
  });

  it.each<[string, (cluster: MemoryCluster) => void]>([
    ['is cancelled', cancel],
    ['is gone', (cluster) => cluster.remove(AGENT_RUNS, 'team-a', 'fix-login')],
    [
      'has another attempt already',
      (cluster) => {
        const run = runIn(cluster)!;
        const attempts = [...(run.status?.attempts ?? []), { number: 2 }];
        cluster.put(AGENT_RUNS, { ...run, status: { ...run.status, attempts } } as AgentRun);
      },
    ],
  ])('a run that %s at the API server gets none', async (_name, change) => {
    const { cluster, process } = await due();
    change(cluster);
    await process.pass();
    expect(createdJobs(cluster)).toHaveLength(1);
  });
});

describe('whatever the moment a process dies at while a run is repeated', () => {
  const points = [1, 2, 3, 4, 5, 6].flatMap((write) =>
    (['before', 'after'] as const).map((when): CrashPoint => ({ write, when })),
  );

  it.each(points)('write $write, $when: each attempt has one Job and the run succeeds', async (crash) => {
    const cluster = aCluster();
    let process = startProcess(cluster, crash);
    const settled = async () => {
      try {
        await process.settle();
      } catch (error) {
        if (!(error instanceof Crash)) throw error;
        process = startProcess(cluster);
        await process.settle();
      }
    };
    for (const exitCode of [1, 1, 0]) {
      await settled();
      expect(live(cluster)).toHaveLength(1);
      finishJob(cluster, exitCode, exitCode === 0 ? '' : RATE_LIMITED);
      await settled();
      later(cluster);
    }
    expect(createdJobs(cluster)).toHaveLength(3);
    expect(new Set(createdJobs(cluster)).size).toBe(3);
    expect(statusOf(cluster)).toMatchObject({
      phase: 'Succeeded',
      attempts: [{ number: 1 }, { number: 2 }, { number: 3 }],
    });
  });
});

describe('whatever happens to a run, in any order', () => {
  interface Scene {
    cluster: MemoryCluster;
    processes: ReturnType<typeof startProcess>[];
  }
  const quietly = async (work: Promise<unknown>) => {
    try {
      await work;
    } catch (error) {
      if (!isConflict(error) && !(error instanceof Crash)) throw error;
    }
  };
  const endOne = ({ cluster }: Scene, exitCode: number, message = '') => {
    if (cluster.all<Job>(JOBS).at(-1) && live(cluster).length > 0) finishJob(cluster, exitCode, message);
  };
  const STEPS: Record<string, (scene: Scene) => Promise<void> | void> = {
    'pass of one': ({ processes }) => quietly(processes[0]!.pass()),
    'pass of the other': ({ processes }) => quietly(processes[1]!.pass()),
    'one catches up': ({ processes }) => processes[0]!.sync(),
    'the other catches up': ({ processes }) => processes[1]!.sync(),
    'it fails': (scene) => endOne(scene, 1, RATE_LIMITED),
    'it fails for good': (scene) => endOne(scene, 1),
    'it succeeds': (scene) => endOne(scene, 0),
    'its Job is deleted': ({ cluster }) => {
      for (const job of live(cluster)) cluster.remove(JOBS, 'team-a', job.metadata.name);
    },
    'time passes': ({ cluster }) => later(cluster),
    'a user cancels': ({ cluster }) => cancel(cluster),
    'one dies and starts again': ({ cluster, processes }) => {
      processes[0] = startProcess(cluster);
    },
    'the other dies at its next write': ({ cluster, processes }) => {
      processes[1] = startProcess(cluster, { write: 1, when: 'after' });
    },
  };

  it('no more than one workload of it lives, nothing terminal changes, and it ends', async () => {
    const names = Object.keys(STEPS);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...names), { maxLength: 40 }), async (steps) => {
        const cluster = aCluster();
        const scene: Scene = { cluster, processes: [startProcess(cluster), startProcess(cluster)] };
        let previous = runIn(cluster);
        const check = () => {
          expect(live(cluster).length).toBeLessThanOrEqual(1);
          const run = runIn(cluster)!;
          checkStatusInvariants(run, { ...(previous && { previous }) });
          previous = run;
        };
        for (const name of steps) {
          await STEPS[name]!(scene);
          check();
        }
        for (let attempt = 1; attempt <= 4; attempt += 1) {
          scene.processes[0] = startProcess(cluster);
          await scene.processes[0].settle();
          check();
          endOne(scene, 0);
          await scene.processes[0].settle();
          check();
          later(cluster);
        }
        expect(['Succeeded', 'Failed', 'Cancelled']).toContain(statusOf(cluster)?.phase);
        expect(new Set(createdJobs(cluster)).size).toBeLessThanOrEqual(3);
        expect(live(cluster)).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });
});
