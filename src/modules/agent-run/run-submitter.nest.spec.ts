import { describe, expect, it } from '@jest/globals';
import { anExecution } from '../../../test/support/builders/execution.js';
import { aRun } from '../../../test/support/builders/objects.js';
import { MemoryCluster } from '../../../test/support/memory-cluster.js';
import type { KubernetesObject } from '../../api/meta/object.js';
import type { KubernetesClient } from '../kubernetes/client.js';
import { AGENT_RUNS, CONFIG_MAPS, type Resource } from '../kubernetes/resource.js';
import { RuntimeAdapters } from '../runtime/runtime-adapters.js';
import { type FrozenConfigMap, frozenManifest, frozenName } from './frozen.manifest.js';
import { RunSubmitter } from './run-submitter.js';

const run = aRun();

function withConfigMap(change: Partial<FrozenConfigMap['metadata']> = {}): MemoryCluster {
  const cluster = new MemoryCluster();
  const frozen = frozenManifest(run, anExecution()) as FrozenConfigMap;
  cluster.put(AGENT_RUNS, run);
  cluster.put(CONFIG_MAPS, { ...frozen, metadata: { ...frozen.metadata, ...change } });
  return cluster;
}

/** @param afterRefusal what happens between the refusal of a creation and the look at what has the name */
function submit(cluster: MemoryCluster, afterRefusal: () => void = () => undefined) {
  const client = cluster.client();
  const create = async <T extends KubernetesObject>(
    resource: Resource<T>,
    namespace: string,
    body: object,
    signal: AbortSignal,
  ): Promise<T> => {
    try {
      return await client.create(resource, namespace, body, signal);
    } catch (error) {
      afterRefusal();
      throw error;
    }
  };
  const submitter = new RunSubmitter({ ...client, create } as KubernetesClient, new RuntimeAdapters([]));
  return submitter.submit(run, anExecution(), new AbortController().signal);
}

describe('a ConfigMap that has the name of a run’s', () => {
  it('and is gone when it is looked at is no verdict: the next pass freezes anew', async () => {
    const cluster = withConfigMap();
    const submitted = submit(cluster, () => cluster.remove(CONFIG_MAPS, 'team-a', frozenName(run)));
    await expect(submitted).rejects.toMatchObject({ code: 409, reason: 'AlreadyExists' });
  });

  it('and belongs to something else is a NameConflict', async () => {
    expect(await submit(withConfigMap({ ownerReferences: [] }))).toMatchObject({
      submission: { kind: 'nameConflict' },
    });
  });
});
