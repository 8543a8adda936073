import { describe, expect, it } from '@jest/globals';
import type { V1Container, V1EnvVar, V1Job } from '@kubernetes/client-node';
import { aMemory, anAgent, anImplementation, aProvider, aRun } from '../../../test/support/builders/objects.js';
import { operatorDefaults } from '../../../test/support/builders/operator.js';
import type { AgentSpec } from '../../api/v1alpha1/agent.types.js';
import type { AgentProviderSpec } from '../../api/v1alpha1/agent-provider.types.js';
import type { AgentRunSpec } from '../../api/v1alpha1/agent-run.types.js';
import type { ImplementationSpecSpec } from '../../api/v1alpha1/implementation-spec.types.js';
import type { JobRuntime } from '../../api/v1alpha1/job-runtime.types.js';
import type { MemorySpec } from '../../api/v1alpha1/memory.types.js';
import { jobManifest } from '../runtime/job/job.manifest.js';
import { runStatus } from './agent-run.status.js';
import { resolveExecution } from './execution.resolve.js';
import { resolvedOf } from './frozen.manifest.js';

const NOW = '2026-01-02T00:00:00Z';
const git = { url: 'https://git.example/team/app.git' };

interface Parts {
  run?: Partial<AgentRunSpec>;
  agent?: Partial<AgentSpec>;
  provider?: Partial<AgentProviderSpec>;
  implementation?: Partial<ImplementationSpecSpec>;
  memory?: Partial<MemorySpec>;
}

const byName = <T extends { name: string }>(list: readonly T[] | undefined): Record<string, T> =>
  Object.fromEntries((list ?? []).map((item) => [item.name, item]));

/** A container with its variables and mounts by name, so that a row can name one of them. */
const container = (of: V1Container | undefined) => ({
  ...of,
  env: byName<V1EnvVar>(of?.env),
  mounts: byName(of?.volumeMounts),
});

/** What the parts become: the Job and its pod, and the two files that the runner and the agent read. */
function workload({ run, agent, provider, implementation, memory }: Parts) {
  const references = {
    agent: anAgent(agent),
    provider: aProvider(provider),
    ...(run?.implementation === undefined && { implementation: anImplementation(implementation) }),
    ...(memory && { memory: aMemory('notes', memory) }),
    runtime: 'job' as const,
  };
  const asked = aRun(run);
  const resolution = resolveExecution(asked, references, operatorDefaults());
  if (resolution.kind !== 'ready') return resolution;
  const { execution } = resolution;
  const { name, namespace = '', uid } = asked.metadata;
  const identity = { run: { name, namespace, uid }, attempt: 1, owner: {} as never };
  const job = jobManifest({ ...identity, execution, configMapName: 'frozen' }) as V1Job;
  const pod = job.spec!.template.spec!;
  return {
    job: job.metadata!,
    template: job.spec!.template.metadata!,
    pod,
    volumes: byName(pod.volumes),
    agent: container(pod.containers[0]),
    checkout: container(pod.initContainers!.at(-1)),
    steps: pod.initContainers!.map((step) => step.name),
    runner: execution.runnerSpec,
    input: execution.input,
    resolved: resolvedOf(execution),
  };
}

const emptyDir = (more: object) => ({ execution: { coordinates: { git, workspace: { volume: { emptyDir: more } } } } });
const withVolume = (more: object, agent: Partial<AgentSpec> = {}): Parts => ({
  run: { workload: { volumes: [{ name: 'v', mountPath: '/v', ...more }] } },
  agent,
});
const tolerations = [
  {
    key: 'dedicated',
    operator: 'Equal' as const,
    value: 'agents',
    effect: 'NoExecute' as const,
    tolerationSeconds: 60,
  },
];
const source = { provider: 'custom' as const, externalId: 'T-1', url: 'https://tracker.example/T-1' };
const content = { summary: 's', description: 'd', acceptanceCriteria: ['a', 'b'], labels: ['x'], source };

type Row = [name: string, parts: Parts, expected: object];

const overriding = (job: JobRuntime): Parts => ({
  run: { runtimeOverrides: { job } },
  agent: {
    runtime: { type: 'job', job: { nodeSelector: { disk: 'slow' }, labels: { team: 'of the Agent' } } },
    security: { allowedRuntimeOverrides: Object.keys(job).map((field) => `job.${field}`) as never },
  },
});

describe('a status tells', () => {
  it('the generations that were resolved, and the version of a tracker [AgentRun status.resolved.{agentGeneration,providerGeneration,implementationSourceVersion}]', () => {
    const of = <T extends { metadata: object }>(object: T, generation: number): T => ({
      ...object,
      metadata: { ...object.metadata, generation },
    });
    const references = {
      agent: of(anAgent(), 3),
      provider: of(aProvider(), 5),
      implementation: { ...anImplementation(), status: { sourceVersion: 'v7' } },
      runtime: 'job' as const,
    };
    const resolution = resolveExecution(aRun(), references, operatorDefaults());
    expect(resolution.kind === 'ready' && resolvedOf(resolution.execution)).toMatchObject({
      agentGeneration: 3,
      providerGeneration: 5,
      implementationSourceVersion: 'v7',
    });
  });

  it('since when a run waits for its turn, however often that is looked at [AgentRun status.queuedAt]', () => {
    const queued = { kind: 'queued', reason: 'Queued', message: 'no free slot' } as const;
    const facts = { observation: { state: 'absent' } } as const;
    const first = runStatus(aRun(), queued, facts, new Date(NOW));
    expect(first.queuedAt).toBe(NOW);
    expect(runStatus(aRun({}, first), queued, facts, new Date('2026-02-01T00:00:00Z')).queuedAt).toBe(NOW);
  });

  it('each condition whole, for the generation that was looked at [AgentRun status.conditions.{type,status,reason,message,lastTransitionTime,observedGeneration} status.observedGeneration]', () => {
    const blocked = { kind: 'blocked', reason: 'AgentNotFound', message: 'create it' } as const;
    const observation = { state: 'absent' } as const;
    const run = aRun({}, undefined, { generation: 4 });
    const { conditions, observedGeneration } = runStatus(run, blocked, { observation }, new Date(NOW));
    expect(observedGeneration).toBe(4);
    expect(conditions).toContainEqual({
      type: 'Blocked',
      status: 'True',
      reason: 'AgentNotFound',
      message: 'create it',
      lastTransitionTime: NOW,
      observedGeneration: 4,
    });
  });
});

/** An expectation that holds without the field as well would prove nothing about it. */
function expectOf(parts: Parts, expected: object): void {
  expect(workload(parts)).toMatchObject(expected);
  expect(workload({})).not.toMatchObject(expected);
}

describe('a workload gets', () => {
  it.each<Row>([
    [
      'a node selector [Agent spec.runtime.job.nodeSelector]',
      { agent: { runtime: { type: 'job', job: { nodeSelector: { disk: 'fast' } } } } },
      { pod: { nodeSelector: { disk: 'fast' } } },
    ],
    [
      'tolerations [Agent spec.runtime.job.tolerations.{key,operator,value,effect,tolerationSeconds}]',
      { agent: { runtime: { type: 'job', job: { tolerations } } } },
      { pod: { tolerations } },
    ],
    [
      'classes of runtime and priority [Agent spec.runtime.job.{runtimeClassName,priorityClassName}]',
      { agent: { runtime: { type: 'job', job: { runtimeClassName: 'gvisor', priorityClassName: 'low' } } } },
      { pod: { runtimeClassName: 'gvisor', priorityClassName: 'low' } },
    ],
    [
      'labels and annotations [Agent spec.runtime.job.{labels,annotations}]',
      { agent: { runtime: { type: 'job', job: { labels: { team: 'a' }, annotations: { note: 'b' } } } } },
      {
        job: { labels: { team: 'a' }, annotations: { note: 'b' } },
        template: { labels: { team: 'a' }, annotations: { note: 'b' } },
      },
    ],
    [
      'flat resources [Agent spec.resources.{cpu,memory,ephemeralStorage}]',
      { agent: { resources: { cpu: 1, memory: '2Gi', ephemeralStorage: '3Gi' } } },
      {
        agent: {
          resources: {
            requests: { cpu: '1', memory: '2Gi', 'ephemeral-storage': '3Gi' },
            limits: { memory: '2Gi', 'ephemeral-storage': '3Gi' },
          },
        },
      },
    ],
    [
      'requests and limits [Agent spec.resources.{requests,limits}]',
      { agent: { resources: { requests: { cpu: '250m' }, limits: { 'nvidia.com/gpu': 1 } } } },
      { agent: { resources: { requests: { cpu: '250m' }, limits: { 'nvidia.com/gpu': '1' } } } },
    ],
    [
      'a variable [Agent spec.env.{name,value}]',
      { agent: { env: [{ name: 'MODE', value: 'careful' }] } },
      { runner: { command: { env: { MODE: 'careful' } } } },
    ],
    [
      'a variable of a Secret [Agent spec.env.valueFrom.secretKeyRef.{name,key,optional}]',
      { agent: { env: [{ name: 'T', valueFrom: { secretKeyRef: { name: 's', key: 'k', optional: true } } }] } },
      { agent: { env: { T: { valueFrom: { secretKeyRef: { name: 's', key: 'k', optional: true } } } } } },
    ],
    [
      'a variable of a ConfigMap [Agent spec.env.valueFrom.configMapKeyRef.{name,key,optional}]',
      { agent: { env: [{ name: 'T', valueFrom: { configMapKeyRef: { name: 'c', key: 'k', optional: true } } }] } },
      { agent: { env: { T: { valueFrom: { configMapKeyRef: { name: 'c', key: 'k', optional: true } } } } } },
    ],
    [
      'user and group [Agent spec.pod.{runAsUser,fsGroup}]',
      { agent: { pod: { runAsUser: 1000, fsGroup: 2000 } } },
      { pod: { securityContext: { runAsUser: 1000, fsGroup: 2000 } } },
    ],
    [
      'a read-only root [Agent spec.pod.readOnlyRootFilesystem]',
      { agent: { pod: { readOnlyRootFilesystem: true } } },
      { agent: { securityContext: { readOnlyRootFilesystem: true } } },
    ],
    [
      'the credentials of a registry [Agent spec.pod.imagePullSecrets.name]',
      { agent: { pod: { imagePullSecrets: [{ name: 'registry' }] } } },
      { pod: { imagePullSecrets: [{ name: 'registry' }] } },
    ],
    [
      'a grace, most of it the agent’s [Agent spec.pod.terminationGracePeriodSeconds]',
      { agent: { pod: { terminationGracePeriodSeconds: 90 } } },
      { pod: { terminationGracePeriodSeconds: 90 }, runner: { gracePeriodSeconds: 85 } },
    ],
    [
      'a deadline for the start [Agent spec.pod.startDeadlineSeconds]',
      { agent: { pod: { startDeadlineSeconds: 120 }, defaults: { timeoutSeconds: 1000 } } },
      {
        job: { annotations: { 'agents.proompteng.ai/start-deadline-seconds': '120' } },
        pod: { activeDeadlineSeconds: 1150 },
      },
    ],
    [
      'a time to run [Agent spec.defaults.timeoutSeconds]',
      { agent: { defaults: { timeoutSeconds: 1000 } } },
      { pod: { activeDeadlineSeconds: 1630 }, runner: { timeoutSeconds: 1000 } },
    ],
    [
      'a repository’s credential [Agent spec.security.allowedRepositories.{urlPrefix,secretRef.name}]',
      {
        agent: {
          security: {
            allowedRepositories: [
              { urlPrefix: 'https://git.example/other', secretRef: { name: 'other' } },
              { urlPrefix: 'https://git.example/team', secretRef: { name: 'deploy' } },
            ],
          },
        },
      },
      { volumes: { git: { secret: { secretName: 'deploy' } } }, checkout: { mounts: { git: { readOnly: true } } } },
    ],
  ])('from its Agent: %s', (_name, parts, expected) => {
    expectOf(parts, expected);
  });

  it.each<Row>([
    [
      'a program and its arguments [AgentProvider spec.{binary,argsTemplate}]',
      { provider: { binary: '/opt/coder', argsTemplate: ['--task', '{{ implementation.text }}'] } },
      { runner: { command: { binary: '/opt/coder', args: ['--task', 'Fix the login.'] } } },
    ],
    [
      'variables [AgentProvider spec.envTemplate]',
      { provider: { envTemplate: { TASK: 'for {{ agent.name }}' } } },
      { runner: { command: { env: { TASK: 'for coder' } } } },
    ],
    [
      'files [AgentProvider spec.inputFiles.{path,content}]',
      { provider: { inputFiles: [{ path: '.coder/task.md', content: '# {{ implementation.text }}' }] } },
      { runner: { inputFiles: [{ path: '.coder/task.md', content: '# Fix the login.' }] } },
    ],
    [
      'artifacts [AgentProvider spec.outputArtifacts.{name,path,required}]',
      { provider: { outputArtifacts: [{ name: 'patch', path: 'out/a.patch', required: true }] } },
      {
        runner: { outputArtifacts: [{ name: 'patch', path: 'out/a.patch', required: true }] },
        input: { artifacts: [{ name: 'patch', path: 'out/a.patch' }] },
      },
    ],
    [
      'an image [AgentProvider spec.image]',
      { provider: { image: 'example/coder:2' } },
      { agent: { image: 'example/coder:2' }, resolved: { image: 'example/coder:2' } },
    ],
    [
      'agent-runner in an image without it [AgentProvider spec.runner]',
      { provider: { runner: 'inject' } },
      {
        agent: { command: ['/run/agent-runner/node', '/run/agent-runner/agent-runner'] },
        steps: ['install-runner', 'checkout'],
      },
    ],
    [
      'its own credentials [AgentProvider spec.secretEnv.{name,optional,secretRef.name,secretRef.key}]',
      { provider: { secretEnv: [{ name: 'API_KEY', secretRef: { name: 'model', key: 'k' }, optional: true }] } },
      {
        agent: { env: { API_KEY: { valueFrom: { secretKeyRef: { name: 'model', key: 'k', optional: true } } } } },
        runner: { maskEnv: ['API_KEY'] },
      },
    ],
  ])('from its provider: %s', (_name, parts, expected) => {
    expectOf(parts, expected);
  });

  it.each<Row>([
    [
      'a repository and where in it [AgentRun spec.execution.coordinates.git.{url,ref,path,depth}]',
      {
        run: {
          execution: { coordinates: { git: { url: 'ssh://git@git.example/a', ref: 'v1', path: 'app', depth: 3 } } },
        },
      },
      {
        runner: { git: { url: 'ssh://git@git.example/a', ref: 'v1', path: 'app', depth: 3 } },
        input: { git: { url: 'ssh://git@git.example/a', ref: 'v1', path: 'app' } },
      },
    ],
    [
      'an image for the checkout [AgentRun spec.execution.coordinates.workspace.image]',
      { run: { execution: { coordinates: { git, workspace: { image: 'example/git:1' } } } } },
      { checkout: { image: 'example/git:1' } },
    ],
    [
      'a bound of the workspace [AgentRun spec.execution.coordinates.workspace.volume.emptyDir.sizeLimit]',
      { run: emptyDir({ sizeLimit: '5Gi' }) },
      { volumes: { workspace: { emptyDir: { sizeLimit: '5Gi' } } } },
    ],
    [
      'a claim for the workspace [AgentRun spec.execution.coordinates.workspace.volume.claimName]',
      {
        run: { execution: { coordinates: { git, workspace: { volume: { claimName: 'trees' } } } } },
        agent: { security: { allowedVolumeClaims: ['trees'] } },
      },
      {
        volumes: { workspace: { persistentVolumeClaim: { claimName: 'trees' } } },
        agent: { mounts: { workspace: { subPath: 'uid-fix-login/1' } } },
      },
    ],
    [
      'a place for the workspace [AgentRun spec.execution.coordinates.workspace.mountPath]',
      { run: { execution: { coordinates: { git, workspace: { mountPath: '/src' } } } } },
      {
        agent: { mounts: { workspace: { mountPath: '/src' } } },
        checkout: { mounts: { workspace: { mountPath: '/src' } } },
        runner: { workspace: { root: '/src' } },
      },
    ],
    [
      'an image for the agent [AgentRun spec.workload.image] [AgentRun status.resolved.image]',
      { run: { workload: { image: 'example/agent:3' } } },
      { agent: { image: 'example/agent:3' }, resolved: { image: 'example/agent:3' } },
    ],
    [
      'flat resources [AgentRun spec.workload.resources.{cpu,memory,ephemeralStorage}]',
      { run: { workload: { resources: { cpu: '2', memory: '4Gi', ephemeralStorage: '6Gi' } } } },
      {
        agent: {
          resources: {
            requests: { cpu: '2', memory: '4Gi', 'ephemeral-storage': '6Gi' },
            limits: { memory: '4Gi', 'ephemeral-storage': '6Gi' },
          },
        },
      },
    ],
    [
      'requests and limits [AgentRun spec.workload.resources.{requests,limits}]',
      { run: { workload: { resources: { requests: { memory: '1Gi' }, limits: { cpu: '4' } } } } },
      { agent: { resources: { requests: { memory: '1Gi' }, limits: { cpu: '4' } } } },
    ],
    [
      'a scratch volume [AgentRun spec.workload.volumes.{name,mountPath,emptyDir.sizeLimit,emptyDir.medium}]',
      withVolume({ emptyDir: { sizeLimit: '1Gi', medium: 'Memory' } }),
      {
        volumes: { 'run-v': { emptyDir: { sizeLimit: '1Gi', medium: 'Memory' } } },
        agent: { mounts: { 'run-v': { mountPath: '/v', readOnly: false } } },
      },
    ],
    [
      'a claim, to be read [AgentRun spec.workload.volumes.{readOnly,persistentVolumeClaim.claimName}]',
      withVolume(
        { readOnly: true, persistentVolumeClaim: { claimName: 'models' } },
        { security: { allowedVolumeClaims: ['models'] } },
      ),
      {
        volumes: { 'run-v': { persistentVolumeClaim: { claimName: 'models', readOnly: true } } },
        agent: { mounts: { 'run-v': { mountPath: '/v', readOnly: true } } },
      },
    ],
    [
      'files of a Secret [AgentRun spec.workload.volumes.secret.secretName]',
      withVolume({ secret: { secretName: 'tls' } }, { security: { allowedSecrets: ['tls'] } }),
      { volumes: { 'run-v': { secret: { secretName: 'tls' } } }, runner: { maskDirectories: ['/v'] } },
    ],
    [
      'files of a ConfigMap [AgentRun spec.workload.volumes.configMap.name]',
      withVolume({ configMap: { name: 'rules' } }),
      { volumes: { 'run-v': { configMap: { name: 'rules' } } } },
    ],
    [
      'a service account and its token [AgentRun spec.workload.serviceAccountName]',
      {
        run: { workload: { serviceAccountName: 'builder' } },
        agent: { security: { allowedServiceAccounts: ['builder'] } },
      },
      { pod: { serviceAccountName: 'builder', automountServiceAccountToken: true } },
    ],
    [
      'another node selector [AgentRun spec.runtimeOverrides.job.nodeSelector]',
      overriding({ nodeSelector: { pool: 'gpu' } }),
      { pod: { nodeSelector: { pool: 'gpu' } } },
    ],
    [
      'other tolerations [AgentRun spec.runtimeOverrides.job.tolerations.{key,operator,value,effect,tolerationSeconds}]',
      overriding({ tolerations }),
      { pod: { tolerations } },
    ],
    [
      'other classes [AgentRun spec.runtimeOverrides.job.{runtimeClassName,priorityClassName}]',
      overriding({ runtimeClassName: 'kata', priorityClassName: 'high' }),
      { pod: { runtimeClassName: 'kata', priorityClassName: 'high' } },
    ],
    [
      'other labels and annotations [AgentRun spec.runtimeOverrides.job.{labels,annotations}]',
      overriding({ labels: { team: 'of the run' }, annotations: { note: 'x' } }),
      { template: { labels: { team: 'of the run' }, annotations: { note: 'x' } } },
    ],
    [
      'parameters [AgentRun spec.parameters]',
      {
        run: { parameters: { model: 'small' } },
        provider: { argsTemplate: ['{{ parameters.model | default: "none" }}'] },
      },
      { input: { parameters: { model: 'small' } }, runner: { command: { args: ['small'] } } },
    ],
    [
      'keys of a Secret [AgentRun spec.secrets.{name,keys.key,keys.env}]',
      {
        run: { secrets: [{ name: 's', keys: [{ key: 'k', env: 'TOKEN' }] }] },
        agent: { security: { allowedSecrets: ['s'] } },
      },
      {
        agent: { env: { TOKEN: { valueFrom: { secretKeyRef: { name: 's', key: 'k' } } } } },
        runner: { maskEnv: ['TOKEN'] },
      },
    ],
    [
      'a Secret as files [AgentRun spec.secrets.mountPath]',
      { run: { secrets: [{ name: 's', mountPath: '/etc/s' }] }, agent: { security: { allowedSecrets: ['s'] } } },
      {
        agent: { mounts: { 'secret-0': { mountPath: '/etc/s', readOnly: true } } },
        runner: { maskDirectories: ['/etc/s'] },
      },
    ],
    [
      'a time to run, whatever its Agent says [AgentRun spec.timeoutSeconds]',
      { run: { timeoutSeconds: 60 }, agent: { defaults: { timeoutSeconds: 1000 } } },
      { pod: { activeDeadlineSeconds: 690 }, runner: { timeoutSeconds: 60 } },
    ],
    [
      'its own words [AgentRun spec.implementation.inline.{text,summary,description,acceptanceCriteria,labels}]',
      { run: { implementation: { inline: { ...content, text: 'Inline.' } } } },
      { input: { implementation: { ...content, text: 'Inline.' } } },
    ],
    [
      'where its words came from [AgentRun spec.implementation.inline.source.{provider,externalId,url}]',
      { run: { implementation: { inline: { text: 'Inline.', source } } } },
      { input: { implementation: { source } } },
    ],
  ])('from its run: %s', (_name, parts, expected) => {
    expectOf(parts, expected);
  });

  it.each<Row>([
    [
      'words of an ImplementationSpec [ImplementationSpec spec.{text,summary,description,acceptanceCriteria,labels}]',
      { implementation: { ...content, text: 'Do it.' } },
      { input: { implementation: { ...content, text: 'Do it.' } } },
    ],
    [
      'where they came from [ImplementationSpec spec.source.{provider,externalId,url}]',
      { implementation: { source }, provider: { argsTemplate: ['{{ implementation.source.url }}'] } },
      { input: { implementation: { source } }, runner: { command: { args: [source.url] } } },
    ],
    [
      'what its Memory is [Memory spec.{type,capabilities}]',
      {
        memory: { type: 'redis', capabilities: ['kv'] },
        provider: { argsTemplate: ['{{ memory.type }}', '{{ memory.capabilities | join }}'] },
      },
      {
        input: { memory: { name: 'notes', type: 'redis', capabilities: ['kv'] } },
        runner: { command: { args: ['redis', 'kv'] } },
      },
    ],
  ])('from what it refers to: %s', (_name, parts, expected) => {
    expectOf(parts, expected);
  });
});
