import { describe, expect, it } from '@jest/globals';
import type { V1Job } from '@kubernetes/client-node';
import { anExecution } from '../../../../test/support/builders/execution.js';
import type { ExecutionSpec } from '../../../domain/execution-spec.js';
import type { Workload } from '../runtime-adapter.js';
import { jobManifest } from './job.manifest.js';

const run = { name: 'fix-login', namespace: 'team-a', uid: '6f0c3a52-0000-4000-8000-000000000000' };
const owner = {
  apiVersion: 'agents.proompteng.ai/v1alpha1',
  kind: 'AgentRun',
  name: run.name,
  uid: run.uid,
  controller: true,
};

const artifactStore: NonNullable<ExecutionSpec['artifactStore']> = {
  endpoint: 'https://s3.example.com',
  bucket: 'runs',
  region: 'us-east-1',
  prefix: 'jangar',
  keyTemplate: '{{ run.namespace }}/{{ run.uid }}/{{ attempt }}/{{ artifact.key }}',
  secretName: 'artifact-store',
  forcePathStyle: true,
};

/** The Job of a second attempt. */
function stored(more: Partial<ExecutionSpec> = { artifactStore }) {
  const execution = anExecution(more);
  const workload: Workload = { run, attempt: 2, owner, execution, configMapName: 'frozen' };
  const job = jobManifest(workload) as V1Job;
  const pod = job.spec!.template.spec!;
  return { job, pod, agent: pod.containers[0]!, store: pod.initContainers!.at(-1)! };
}

describe('the store of artifacts', () => {
  it("is a sidecar of the operator's image, and is not there without a store", () => {
    const { store, pod } = stored();
    expect(store).toMatchObject({
      name: 'artifact-store',
      image: 'registry.example/agent-runner:1',
      command: ['/usr/local/bin/agent-runner', 'store'],
      restartPolicy: 'Always',
    });
    expect(pod.volumes).toContainEqual({ name: 'store', emptyDir: {} });
    expect(JSON.stringify(stored({}).pod)).not.toContain('store');
  });

  it('has its credentials by reference, and no other container has them', () => {
    const { store, pod } = stored();
    expect(store.env).toContainEqual({
      name: 'AGENT_STORE_SECRET_ACCESS_KEY',
      valueFrom: { secretKeyRef: { name: 'artifact-store', key: 'secretAccessKey' } },
    });
    const others = [...pod.initContainers!.slice(0, -1), ...pod.containers, pod.volumes];
    expect(JSON.stringify(others)).not.toMatch(/ACCESS_KEY|secretName|secretKeyRef/);
  });

  it.each([65532, 65531, 1000])(
    'runs as another user than an agent of uid %i, who could read its environment',
    (uid) => {
      const { store } = stored({ artifactStore, pod: { ...anExecution().pod, runAsUser: uid } });
      expect(store.securityContext?.runAsUser).toBeGreaterThan(0);
      expect(store.securityContext?.runAsUser).not.toBe(uid);
      expect(store.securityContext).toMatchObject({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true });
    },
  );

  it('shares a socket with the agent, who cannot put another in its place, and nothing of the workspace', () => {
    const { store, agent } = stored();
    expect(agent.volumeMounts).toContainEqual({ name: 'store', mountPath: '/run/agent-run-store', readOnly: true });
    expect(store.volumeMounts!.map(({ name }) => name)).toEqual(['spec', 'store']);
  });

  it('has a prefix for each attempt, of which the Job tells key and URL', () => {
    const { store, job } = stored();
    const settings = JSON.parse(store.env!.find(({ name }) => name === 'AGENT_STORE')!.value!) as object;
    expect(settings).toEqual({
      socket: '/run/agent-run-store/store.sock',
      endpoint: 'https://s3.example.com',
      region: 'us-east-1',
      bucket: 'runs',
      forcePathStyle: true,
      keyPrefix: `jangar/team-a/${run.uid}/2/`,
    });
    expect(job.metadata?.annotations).toMatchObject({
      'agents.proompteng.ai/artifact-key-prefix': `jangar/team-a/${run.uid}/2/`,
      'agents.proompteng.ai/artifact-url-prefix': `https://s3.example.com/runs/jangar/team-a/${run.uid}/2/`,
    });
  });

  it('has time after the agent, whose deadline may be the end of it', () => {
    const { job, pod } = stored();
    expect(pod.activeDeadlineSeconds).toBe(4230 + 600);
    expect(job.metadata?.annotations?.['agents.proompteng.ai/end-deadline-seconds']).toBe('4290');
  });
});
