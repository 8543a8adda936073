import { describe, expect, it } from '@jest/globals';
import { ended } from '../../../test/support/builders/job.js';
import { aCluster, finishJob, runIn, startProcess } from '../../../test/support/run-process.js';
import type { AgentRun } from '../../api/v1alpha1/agent-run.types.js';
import { AGENT_RUNS, PODS } from '../kubernetes/resource.js';
import type { Pod } from '../runtime/job/job.types.js';

const WEEK_MS = 7 * 24 * 60 * 60 * 1000;

describe('the TTL of a finished run', () => {
  async function finished(spec: Parameters<typeof aCluster>[0] = {}) {
    const cluster = aCluster(spec);
    const process = startProcess(cluster);
    await process.settle();
    finishJob(cluster);
    process.sync();
    await process.pass();
    return { cluster, process };
  }

  it('deletes it once its result is stored: with a TTL of 0 in the pass that this write wakes', async () => {
    const { cluster, process } = await finished({ ttlSecondsAfterFinished: 0 });
    expect(runIn(cluster)?.status?.phase).toBe('Succeeded');
    await process.settle();
    expect(runIn(cluster)).toBeUndefined();
    expect(process.outcomes.at(-1)).toBe('Succeeded');
  });

  it('is waited for', async () => {
    const { cluster, process } = await finished();
    process.sync();
    const outcome = await process.pass();
    const inMs = WEEK_MS;
    expect(outcome).toEqual({ kind: 'requeueAfter', ms: inMs });
    cluster.now = new Date(cluster.now.getTime() + inMs);
    await process.settle();
    expect(runIn(cluster)).toBeUndefined();
  });

  it('is not over at once because the clock of the node is years behind', async () => {
    const cluster = aCluster();
    const process = startProcess(cluster);
    await process.settle();
    finishJob(cluster);
    const [pod] = cluster.all<Pod>(PODS);
    const container = ended(0, { startedAt: '2000-01-01T00:00:00Z', finishedAt: '2000-01-01T00:00:01Z' });
    const told: Pod = { ...pod!, status: { phase: 'Succeeded', containerStatuses: [container] } };
    cluster.put(PODS, told);
    await process.settle();
    expect(runIn(cluster)?.status?.phase).toBe('Succeeded');
  });

  it('that was raised meanwhile keeps it: it is deleted as it was seen, or not at all', async () => {
    const { cluster, process } = await finished({ ttlSecondsAfterFinished: 0 });
    process.sync();
    const run = runIn(cluster)!;
    cluster.put(AGENT_RUNS, { ...run, spec: { ...run.spec, ttlSecondsAfterFinished: 86_400 } } as AgentRun);
    await expect(process.pass()).rejects.toThrow('409 Conflict');
    await process.settle();
    expect(runIn(cluster)).toBeDefined();
  });

  it('takes neither a namesake nor a second look', async () => {
    const { cluster, process } = await finished({ ttlSecondsAfterFinished: 0 });
    process.sync();
    cluster.remove(AGENT_RUNS, 'team-a', 'fix-login');
    await expect(process.pass()).resolves.toEqual({ kind: 'done' });
  });
});
