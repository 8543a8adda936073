import { accepted, rejected, type Row } from './row.js';

const agent = (spec: object): object => ({ providerRef: { name: 'codex-runner' }, ...spec });
const job = (settings: object): object => agent({ runtime: { type: 'job', job: settings } });
const repositories = (...allowedRepositories: object[]): object => agent({ security: { allowedRepositories } });

const ONE_BLOCK = 'only the block named by runtime.type may be set: remove the other blocks or change the type';
const RESERVED = 'names under agents.proompteng.ai/ are set by the control plane: choose another prefix';
const URL_PREFIX =
  'urlPrefix must begin with https://host, http://host, ssh://user@host or user@host: and hold no credentials';
const PLAIN_HTTP = 'a credential is never sent over plain http: use https or ssh, or remove secretRef';

export const AGENT_ROWS: Row[] = [
  ...accepted('agents', [
    ['an Agent with nothing but a provider', agent({})],
    ['a runtime without its block', agent({ runtime: { type: 'custom' } })],
    ['a block without a type: the type is job', agent({ runtime: { job: {} } })],
    ['empty allow-lists', agent({ security: { allowedSecrets: [], allowedRepositories: [], allowedImages: [] } })],
    ['a label outside of the reserved prefix', job({ labels: { 'agents.proompteng.ai.example/team': 'a' } })],
    [
      'a repository over ssh with a credential',
      repositories({ urlPrefix: 'ssh://git@git.example.com:22/team', secretRef: { name: 'git' } }),
    ],
    [
      'a repository as user@host: with a credential',
      repositories({ urlPrefix: 'git@git.example.com:team/', secretRef: { name: 'git' } }),
    ],
    ['a fraction as text', agent({ resources: { cpu: '0.5' } })],
    ['an empty environment value', agent({ env: [{ name: 'EMPTY', value: '' }] })],
  ]),
  ...rejected('agents', [
    ['no provider', { runtime: { type: 'job' } }, 'spec.providerRef', 'Required value'],
    [
      'a provider whose name no object can have',
      { providerRef: { name: 'Codex_Runner' } },
      'spec.providerRef.name',
      'should match',
    ],
    [
      'an unknown runtime',
      agent({ runtime: { type: 'docker' } }),
      'spec.runtime.type',
      'supported values: "job", "argo", "temporal", "custom"',
    ],
    ['the block of another runtime', agent({ runtime: { type: 'job', argo: {} } }), 'spec.runtime', ONE_BLOCK],
    ['two blocks', agent({ runtime: { type: 'argo', argo: {}, custom: {} } }), 'spec.runtime', ONE_BLOCK],
    [
      'a reserved label',
      job({ labels: { 'agents.proompteng.ai/agent-run': 'x' } }),
      'spec.runtime.job.labels',
      RESERVED,
    ],
    [
      'a reserved annotation',
      job({ annotations: { 'agents.proompteng.ai/x': 'x' } }),
      'spec.runtime.job.annotations',
      RESERVED,
    ],
    ['a fraction as a number', agent({ resources: { cpu: 0.5 } }), 'spec.resources.cpu', 'must be of type'],
    [
      'a negative quantity as a number',
      agent({ resources: { cpu: -1 } }),
      'spec.resources.cpu',
      'greater than or equal to 0',
    ],
    ['a negative quantity as text', agent({ resources: { memory: '-1Gi' } }), 'spec.resources.memory', 'should match'],
    [
      'a quantity with a wrong unit',
      agent({ resources: { limits: { memory: '4GB' } } }),
      'spec.resources.limits.memory',
      'should match',
    ],
    [
      'two variables of one name',
      agent({
        env: [
          { name: 'A', value: '1' },
          { name: 'A', value: '2' },
        ],
      }),
      'spec.env[1]',
      'Duplicate value',
    ],
    [
      'a variable that no shell can name',
      agent({ env: [{ name: '1A', value: '' }] }),
      'spec.env[0].name',
      'should match',
    ],
    [
      'a variable with a value and a source',
      agent({ env: [{ name: 'A', value: '', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }] }),
      'spec.env[0]',
      'set exactly one of value and valueFrom',
    ],
    [
      'a variable with neither',
      agent({ env: [{ name: 'A' }] }),
      'spec.env[0]',
      'set exactly one of value and valueFrom',
    ],
    [
      'a variable with two sources',
      agent({
        env: [
          { name: 'A', valueFrom: { secretKeyRef: { name: 's', key: 'k' }, configMapKeyRef: { name: 's', key: 'k' } } },
        ],
      }),
      'spec.env[0].valueFrom',
      'set exactly one of secretKeyRef and configMapKeyRef',
    ],
    ['root as the user', agent({ pod: { runAsUser: 0 } }), 'spec.pod.runAsUser', 'greater than or equal to 1'],
    [
      'a negative start deadline',
      agent({ pod: { startDeadlineSeconds: -1 } }),
      'spec.pod.startDeadlineSeconds',
      'greater than or equal to 0',
    ],
    [
      'a negative default timeout',
      agent({ defaults: { timeoutSeconds: -1 } }),
      'spec.defaults.timeoutSeconds',
      'greater than or equal to 1',
    ],
    [
      'a negative retry limit',
      agent({ defaults: { retryLimit: -1 } }),
      'spec.defaults.retryLimit',
      'greater than or equal to 0',
    ],
    [
      'a negative number of slots',
      agent({ limits: { maxConcurrentRuns: -1 } }),
      'spec.limits.maxConcurrentRuns',
      'greater than or equal to 0',
    ],
    [
      'a Secret allowed twice',
      agent({ security: { allowedSecrets: ['a', 'a'] } }),
      'spec.security.allowedSecrets[1]',
      'Duplicate value',
    ],
    [
      'an override that does not exist',
      agent({ security: { allowedRuntimeOverrides: ['job.hostNetwork'] } }),
      'spec.security.allowedRuntimeOverrides[0]',
      'Unsupported value',
    ],
    [
      'a credential over plain http',
      repositories({ urlPrefix: 'http://git.example.com', secretRef: { name: 'git' } }),
      'spec.security.allowedRepositories[0]',
      PLAIN_HTTP,
    ],
    [
      'a prefix with a password',
      repositories({ urlPrefix: 'https://me:secret@git.example.com' }),
      'spec.security.allowedRepositories[0].urlPrefix',
      URL_PREFIX,
    ],
    [
      'a prefix that is a path',
      repositories({ urlPrefix: '/srv/git' }),
      'spec.security.allowedRepositories[0].urlPrefix',
      URL_PREFIX,
    ],
    [
      'a prefix that is another transport',
      repositories({ urlPrefix: 'ext::sh -c id' }),
      'spec.security.allowedRepositories[0].urlPrefix',
      URL_PREFIX,
    ],
    [
      'more than a hundred variables',
      agent({ env: Array.from({ length: 101 }, (_, index) => ({ name: `V${index}`, value: '' })) }),
      'spec.env',
      'must have at most 100 items',
    ],
  ]),
];
