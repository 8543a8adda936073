import { describe, expect, it } from '@jest/globals';
import { aCluster, finishJob, runIn, startProcess } from '../../../test/support/run-process.js';
import { JOBS, PODS } from '../kubernetes/resource.js';

describe('the workload of a finished run', () => {
  it('is left as it is by a leader whose cache does not show yet that it has ended: its pod has the log', async () => {
    const cluster = aCluster();
    const process = startProcess(cluster);
    await process.settle();
    const [underWay] = cluster.all(JOBS);
    finishJob(cluster);
    await process.settle();
    const [ended] = cluster.all(JOBS);
    const [pod] = cluster.all(PODS);

    cluster.put(JOBS, underWay!);
    cluster.remove(PODS, 'team-a', pod!.metadata.name);
    const behind = startProcess(cluster);
    cluster.put(JOBS, ended!);
    cluster.put(PODS, pod!);
    await behind.pass();

    expect(runIn(cluster)?.status?.phase).toBe('Succeeded');
    expect(cluster.all(JOBS)).toHaveLength(1);
    expect(cluster.all(JOBS)[0]?.metadata.deletionTimestamp).toBeUndefined();
  });
});
