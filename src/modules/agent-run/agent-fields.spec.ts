import { describe, it } from '@jest/globals';
import { expectOf, type FieldRow, tolerations } from '../../../test/support/field-effects.js';

describe('a workload gets', () => {
  it.each<FieldRow>([
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
});
