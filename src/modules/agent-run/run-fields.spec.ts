import { describe, it } from '@jest/globals';
import {
  content,
  expectOf,
  type FieldRow,
  type Parts,
  source,
  tolerations,
} from '../../../test/support/field-effects.js';
import type { AgentSpec } from '../../api/v1alpha1/agent.types.js';
import type { JobRuntime } from '../../api/v1alpha1/job-runtime.types.js';

const git = { url: 'https://git.example/team/app.git' };
const emptyDir = (more: object) => ({ execution: { coordinates: { git, workspace: { volume: { emptyDir: more } } } } });
const withVolume = (more: object, agent: Partial<AgentSpec> = {}): Parts => ({
  run: { workload: { volumes: [{ name: 'v', mountPath: '/v', ...more }] } },
  agent,
});

const overriding = (job: JobRuntime): Parts => ({
  run: { runtimeOverrides: { job } },
  agent: {
    runtime: { type: 'job', job: { nodeSelector: { disk: 'slow' }, labels: { team: 'of the Agent' } } },
    security: { allowedRuntimeOverrides: Object.keys(job).map((field) => `job.${field}`) as never },
  },
});

describe('a workload gets', () => {
  it.each<FieldRow>([
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
});
