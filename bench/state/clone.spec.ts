import { describe, expect, it } from '@jest/globals';
import type { KubernetesObject, OwnerReference } from '../../src/api/meta/object.js';
import { childName } from '../../src/api/meta/names.js';
import { clones, type Family, podName } from './clone.js';

const RUN = 'live-000000';
const RUN_UID = '8286f09c-1ba4-48b2-8ea4-94f00f317218';
const JOB = childName(RUN, RUN_UID, '1');
const MAP = childName(RUN, RUN_UID, 'spec');

function object(kind: string, name: string, uid: string, owner?: Partial<OwnerReference>, more: object = {}) {
  const ownerReferences = owner && [{ apiVersion: 'v1', kind: 'Owner', name: '', uid: '', ...owner }];
  const labels = { run: RUN, 'run-uid': RUN_UID };
  const metadata = {
    name,
    namespace: 'bench',
    uid,
    resourceVersion: '42',
    creationTimestamp: '2026-01-01T00:00:00Z',
    labels,
    ...(ownerReferences && { ownerReferences }),
  };
  return { apiVersion: 'v1', kind, metadata, ...more };
}

const original: Family = {
  run: object('AgentRun', RUN, RUN_UID, undefined, { status: { runtimeRef: { name: JOB, uid: 'job-uid-0' } } }),
  configMap: object('ConfigMap', MAP, 'map-uid-0', { name: RUN, uid: RUN_UID }, { data: { spec: `{"run":"${RUN}"}` } }),
  job: object('Job', JOB, 'job-uid-0', { name: RUN, uid: RUN_UID }, { spec: { volume: MAP } }),
  pod: object('Pod', podName(JOB), 'pod-uid-0', { name: JOB, uid: 'job-uid-0' }),
};

const stored = [...clones(original, 2, (index) => `live-00000${index + 1}`)];
const objects = stored.map(({ value }) => JSON.parse(value) as KubernetesObject & { status?: object; spec?: object });
const [maps, jobs, pods, runs] = [0, 2, 4, 6].map((at) => objects.slice(at, at + 2));

describe('the clones of a run', () => {
  it('are stored children first, each under its own name', () => {
    expect(stored.map(({ key }) => key.replace(/-[0-9a-f]{10}-/, '-HASH-'))).toEqual([
      '/registry/configmaps/bench/live-000001-HASH-spec',
      '/registry/configmaps/bench/live-000002-HASH-spec',
      '/registry/jobs/bench/live-000001-HASH-1',
      '/registry/jobs/bench/live-000002-HASH-1',
      '/registry/pods/bench/live-000001-HASH-1-x7k2p',
      '/registry/pods/bench/live-000002-HASH-1-x7k2p',
      '/registry/agents.proompteng.ai/agentruns/bench/live-000001',
      '/registry/agents.proompteng.ai/agentruns/bench/live-000002',
    ]);
    expect(objects.map(({ metadata }) => metadata.name)).toEqual(stored.map(({ key }) => key.split('/').at(-1)));
  });

  it('belong together as the original does', () => {
    runs?.forEach(({ metadata: run, status }, index) => {
      const job = jobs?.[index];
      const map = maps?.[index];
      expect(job?.metadata).toMatchObject({
        name: childName(run.name, run.uid, '1'),
        labels: { run: run.name, 'run-uid': run.uid },
        ownerReferences: [{ name: run.name, uid: run.uid }],
      });
      expect(job?.spec).toEqual({ volume: childName(run.name, run.uid, 'spec') });
      expect(map).toMatchObject({
        metadata: { ownerReferences: [{ uid: run.uid }] },
        data: { spec: `{"run":"${run.name}"}` },
      });
      expect(pods?.[index]?.metadata.ownerReferences).toMatchObject([
        { name: job?.metadata.name, uid: job?.metadata.uid },
      ]);
      expect(status).toEqual({ runtimeRef: { name: job?.metadata.name, uid: job?.metadata.uid } });
    });
  });

  it('have nothing of the original, and uids of their own', () => {
    const text = JSON.stringify(stored);
    for (const mark of [RUN, RUN_UID, JOB, MAP, 'job-uid-0', 'map-uid-0', 'pod-uid-0'])
      expect(text).not.toContain(mark);
    expect(new Set(objects.map(({ metadata }) => metadata.uid)).size).toBe(8);
  });

  it('have no resourceVersion: the API server gives them one', () => {
    for (const { metadata } of objects) expect(metadata).not.toHaveProperty('resourceVersion');
  });
});
