import { describe, expect, it } from '@jest/globals';
import { podOf } from '../../../test/support/builders/job.js';
import { aCluster, createdJobs, runIn, startProcess } from '../../../test/support/run-process.js';
import { JOBS, PODS } from '../kubernetes/resource.js';
import type { Job, Pod } from '../runtime/job/job.types.js';

describe('a pod whose Job was deleted without it (--cascade=orphan)', () => {
  it('is waited for: nothing else of the run is made while it lives', async () => {
    const cluster = aCluster({ retry: { limit: 1, backoffSeconds: 1 } });
    const process = startProcess(cluster);
    await process.settle();
    const [job] = cluster.all<Job>(JOBS);
    const pod = podOf(job!, { phase: 'Running' });
    const orphaned: Pod = { ...pod, metadata: { ...pod.metadata, ownerReferences: [] } };
    cluster.put(PODS, orphaned);
    cluster.remove(JOBS, 'team-a', job!.metadata.name);
    const anHourLater = async () => {
      await process.settle();
      cluster.now = new Date(cluster.now.getTime() + 3_600_000);
      await process.settle();
    };
    await anHourLater();
    expect(runIn(cluster)?.status).toMatchObject({ phase: 'Running', reason: 'Stopping' });
    expect(createdJobs(cluster)).toHaveLength(1);

    const over: Pod = { ...orphaned, status: { phase: 'Succeeded' } };
    cluster.put(PODS, over);
    await anHourLater();
    expect(createdJobs(cluster)).toHaveLength(2);
  });
});
