import { describe, expect, it } from '@jest/globals';
import type { V1Job } from '@kubernetes/client-node';
import { anExecution } from '../../../../test/support/builders/execution.js';
import type { ExecutionSpec } from '../../../domain/execution-spec.js';
import type { Workload } from '../runtime-adapter.js';
import { jobManifest, jobName } from './job.manifest.js';

const run = { name: 'fix-login', namespace: 'team-a', uid: '6f0c3a52-0000-4000-8000-000000000000' };
const owner = {
  apiVersion: 'agents.proompteng.ai/v1alpha1',
  kind: 'AgentRun',
  name: run.name,
  uid: run.uid,
  controller: true,
};

function manifest(execution: Partial<ExecutionSpec> = {}, attempt = 1) {
  const workload: Workload = { run, attempt, owner, execution: anExecution(execution), configMapName: 'frozen' };
  const job = jobManifest(workload) as V1Job;
  const pod = job.spec!.template.spec!;
  const agent = pod.containers[0]!;
  const checkout = pod.initContainers!.at(-1)!;
  return { job, pod, agent, checkout };
}

describe("a Job's name", () => {
  it('is the same for the same run and attempt, and another for any other', () => {
    const names = [
      jobName({ run, attempt: 1 }),
      jobName({ run, attempt: 2 }),
      jobName({ run: { ...run, uid: 'other' }, attempt: 1 }),
    ];
    expect(jobName({ run: { ...run }, attempt: 1 })).toBe(names[0]);
    expect(new Set(names).size).toBe(3);
  });
});

describe('a Job', () => {
  it('never runs an agent twice by itself and never vanishes before its result is stored', () => {
    const { spec } = manifest().job;
    expect(spec).toMatchObject({
      backoffLimit: 0,
      completions: 1,
      parallelism: 1,
      podReplacementPolicy: 'TerminatingOrFailed',
    });
    expect(spec).not.toHaveProperty('ttlSecondsAfterFinished');
    expect(spec).not.toHaveProperty('podFailurePolicy');
    expect(manifest().pod.restartPolicy).toBe('Never');
  });

  it('says how long it may take to start and to run, for whoever watches it', () => {
    expect(manifest().job.metadata?.annotations).toEqual({
      'agents.proompteng.ai/start-deadline-seconds': '600',
      'agents.proompteng.ai/end-deadline-seconds': '3690',
    });
  });

  it('goes with its run', () => {
    expect(manifest().job.metadata?.ownerReferences).toEqual([owner]);
  });

  it("carries the run's identity on itself and its pod, whatever labels the Agent asks for", () => {
    const labels = { team: 'a', 'agents.proompteng.ai/agent-run-uid': 'forged' };
    const { job } = manifest({ job: { ...anExecution().job, labels } });
    const expected = {
      team: 'a',
      'agents.proompteng.ai/agent-run': 'fix-login',
      'agents.proompteng.ai/agent-run-uid': run.uid,
      'agents.proompteng.ai/agent': 'coder',
      'agents.proompteng.ai/provider': 'shell',
      'agents.proompteng.ai/attempt': '1',
    };
    expect(job.metadata?.labels).toMatchObject(expected);
    expect(job.spec?.template.metadata?.labels).toMatchObject(expected);
  });
});

describe('the pod', () => {
  it('fits the restricted Pod Security level', () => {
    const { pod } = manifest({ runner: 'inject' });
    expect(pod.securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 65532,
      fsGroup: 65532,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    for (const container of [...pod.initContainers!, ...pod.containers]) {
      expect(container.securityContext).toMatchObject({
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
      });
      expect(container.securityContext).not.toHaveProperty('privileged');
    }
  });

  it('has a read-only root but for the agent, as its Agent says', () => {
    expect(manifest().agent.securityContext?.readOnlyRootFilesystem).toBe(false);
    expect(manifest().checkout.securityContext?.readOnlyRootFilesystem).toBe(true);
    const pod = { ...anExecution().pod, readOnlyRootFilesystem: true };
    expect(manifest({ pod }).agent.securityContext?.readOnlyRootFilesystem).toBe(true);
  });

  it('has steps that a ResourceQuota on requests and limits admits', () => {
    const steps = manifest({ runner: 'inject' }).pod.initContainers!;
    expect(steps.map(({ resources }) => [Object.keys(resources!.requests!), Object.keys(resources!.limits!)])).toEqual(
      steps.map(() => [
        ['cpu', 'memory'],
        ['cpu', 'memory'],
      ]),
    );
  });

  it('gets no service-account token unless a service account was asked for', () => {
    expect(manifest().pod).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false });
    expect(manifest().pod).not.toHaveProperty('serviceAccountName');
    const pod = { ...anExecution().pod, serviceAccountName: 'builder' };
    expect(manifest({ pod }).pod).toMatchObject({ automountServiceAccountToken: true, serviceAccountName: 'builder' });
  });

  it('reaps what the agent leaves behind', () => {
    expect(manifest().pod.shareProcessNamespace).toBe(true);
  });

  it.each([
    ['600 s to start, 3600 s to run, 30 s of grace', 600, 4230],
    ['for ever to start', 0, undefined],
  ])("nets the runner's deadline: %s", (_name, startDeadlineSeconds, expected) => {
    const pod = { ...anExecution().pod, startDeadlineSeconds };
    expect(manifest({ pod }).pod.activeDeadlineSeconds).toBe(expected);
  });

  it('is placed as the Agent says', () => {
    const job = {
      ...anExecution().job,
      nodeSelector: { pool: 'agents' },
      tolerations: [{ key: 'x', operator: 'Exists' as const }],
      runtimeClassName: 'gvisor',
      priorityClassName: 'low',
    };
    expect(manifest({ job }).pod).toMatchObject({
      nodeSelector: { pool: 'agents' },
      tolerations: [{ key: 'x', operator: 'Exists' as const }],
      runtimeClassName: 'gvisor',
      priorityClassName: 'low',
    });
  });
});

describe('credentials', () => {
  it('of the repository reach the checkout step alone', () => {
    const { pod, agent, checkout } = manifest({ gitSecret: 'repo-credentials' });
    expect(pod.volumes).toContainEqual({ name: 'git', secret: { secretName: 'repo-credentials', defaultMode: 0o440 } });
    expect(checkout.volumeMounts).toContainEqual({ name: 'git', mountPath: '/etc/agent-run-git', readOnly: true });
    expect(agent.volumeMounts!.map(({ name }) => name)).not.toContain('git');
  });

  it('reach the agent by reference, and the checkout step not at all', () => {
    const { agent, checkout } = manifest({
      env: [
        { name: 'TOKEN', secret: { name: 's', key: 'token' } },
        { name: 'REGION', configMap: { name: 'c', key: 'region', optional: true } },
      ],
      secrets: [{ name: 'all', allKeysAsEnv: true, mountPath: '/etc/all' }],
    });
    expect(agent.env).toContainEqual({ name: 'TOKEN', valueFrom: { secretKeyRef: { name: 's', key: 'token' } } });
    expect(agent.env).toContainEqual({
      name: 'REGION',
      valueFrom: { configMapKeyRef: { name: 'c', key: 'region', optional: true } },
    });
    expect(agent.envFrom).toEqual([{ secretRef: { name: 'all' } }]);
    expect(agent.volumeMounts).toContainEqual({ name: 'secret-0', mountPath: '/etc/all', readOnly: true });
    expect(agent.volumeMounts).toContainEqual({
      name: 'mask-0',
      mountPath: '/etc/agent-run-secrets/0',
      readOnly: true,
    });
    expect(JSON.stringify(checkout)).not.toMatch(/TOKEN|secret-0|mask-0|envFrom/);
  });
});

describe('volumes', () => {
  it("of a run cannot take the name of one of the pod's own", () => {
    const volumes = [{ name: 'workspace', mountPath: '/data', readOnly: false, claimName: 'data' }];
    const { pod, agent } = manifest({ volumes });
    expect(pod.volumes!.filter(({ name }) => name === 'workspace')).toEqual([{ name: 'workspace', emptyDir: {} }]);
    expect(agent.volumeMounts).toContainEqual({ name: 'run-workspace', mountPath: '/data', readOnly: false });
  });

  it('on a claim give every attempt a tree of its own', () => {
    const { checkout, agent } = manifest({ workspaceVolume: { claimName: 'shared' } }, 2);
    const mount = { name: 'workspace', mountPath: '/workspace', subPath: `${run.uid}/2` };
    expect(checkout.volumeMounts).toContainEqual(mount);
    expect(agent.volumeMounts).toContainEqual(mount);
  });

  it.each([
    [
      'scratch',
      { emptyDir: { sizeLimit: '1Gi', medium: 'Memory' } },
      { emptyDir: { sizeLimit: '1Gi', medium: 'Memory' } },
    ],
    ['a claim', { claimName: 'c' }, { persistentVolumeClaim: { claimName: 'c', readOnly: true } }],
    ['a Secret', { secretName: 's' }, { secret: { secretName: 's' } }],
    ['a ConfigMap', { configMapName: 'm' }, { configMap: { name: 'm' } }],
  ])('may be %s', (_name, source, expected) => {
    const { pod } = manifest({ volumes: [{ name: 'v', mountPath: '/v', readOnly: true, ...source }] });
    expect(pod.volumes).toContainEqual({ name: 'run-v', ...expected });
  });
});

describe('the runner', () => {
  it('is in the image, or brought by a step with its own Node', () => {
    expect(manifest().agent.command).toEqual(['/usr/local/bin/agent-runner']);
    expect(manifest().pod.initContainers).toHaveLength(1);
    const injected = manifest({ runner: 'inject', image: 'docker.io/library/python:3' });
    expect(injected.agent).toMatchObject({
      image: 'docker.io/library/python:3',
      command: ['/run/agent-runner/node', '/run/agent-runner/agent-runner'],
    });
    expect(injected.pod.initContainers!.map(({ name, image }) => [name, image])).toEqual([
      ['install-runner', 'registry.example/agent-runner:1'],
      ['checkout', 'registry.example/checkout:1'],
    ]);
  });

  it('finds its spec by path and knows the attempt', () => {
    expect(manifest({}, 3).agent.env).toEqual(
      expect.arrayContaining([
        { name: 'AGENT_RUNNER_SPEC_PATH', value: '/etc/agent-run/runner.json' },
        { name: 'AGENT_RUN_SPEC', value: '/etc/agent-run/run.json' },
        { name: 'AGENT_RUN_ATTEMPT', value: '3' },
      ]),
    );
  });

  it('never sees the part of the frozen spec that is not its own', () => {
    const spec = manifest().pod.volumes!.find(({ name }) => name === 'spec');
    expect(spec?.configMap?.items?.map(({ key }) => key)).toEqual(['runner.json', 'run.json', 'passwd']);
  });
});
