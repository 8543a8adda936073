import { accepted, rejected, type Row } from './row.js';

const CONTENT = 'set text: it is required unless summary or description is set';
const GITHUB =
  'provider github needs exactly one of scope.repository and scope.organization, and neither scope.team nor scope.project';
const LINEAR =
  'provider linear needs scope.team, scope.project or both, and neither scope.repository nor scope.organization';
const BASE_URL = 'baseUrl is for GitHub Enterprise: remove it';
const TRIGGER = 'enable poll, webhook or both: set suspend to stop syncing';
const WEBHOOK = 'an enabled webhook needs secretRefs: deliveries without a signature are never accepted';

const auth = { secretRef: { name: 'tracker' } };
const github = (spec: object): object => ({ provider: 'github', auth, scope: { repository: 'team/app' }, ...spec });
const linear = (spec: object): object => ({ provider: 'linear', auth, scope: { team: 'ENG' }, ...spec });
const memory = (spec: object): object => ({ type: 'redis', connection: { secretRef: { name: 'm' } }, ...spec });
const key = { name: 'w', key: 'k' };

/** Rows of the kinds that say what to do and where to remember it. */
export const WORK_ROWS: Row[] = [
  ...accepted('implementationspecs', [
    ['a text alone', { text: 'Fix it.' }],
    ['a summary alone', { summary: 'Fix it.' }],
    ['a description alone', { description: '# Fix it' }],
    ['a text of 128 KiB', { text: 'x'.repeat(131_072) }],
  ]),
  ...rejected('implementationspecs', [
    ['no content', { labels: ['bug'] }, 'spec', CONTENT],
    ['an empty text', { text: '' }, 'spec.text', 'at least 1 chars long'],
    [
      'an unknown tracker',
      { text: 'a', source: { provider: 'jira' } },
      'spec.source.provider',
      'supported values: "github", "linear", "manual", "custom"',
    ],
    ['a source without a provider', { text: 'a', source: {} }, 'spec.source.provider', 'Required value'],
    [
      'an address that is no URL',
      { text: 'a', source: { provider: 'manual', url: 'javascript:alert(1)' } },
      'spec.source.url',
      'should match',
    ],
    [
      'a criterion twice',
      { text: 'a', acceptanceCriteria: ['x', 'x'] },
      'spec.acceptanceCriteria[1]',
      'Duplicate value',
    ],
    ['a label twice', { text: 'a', labels: ['x', 'x'] }, 'spec.labels[1]', 'Duplicate value'],
    ['a description over 128 KiB', { description: 'x'.repeat(131_073) }, 'spec.description', 'Too long'],
  ]),
  ...accepted('implementationsources', [
    ['one repository', github({})],
    ['one organization', github({ scope: { organization: 'team' } })],
    ['one team', linear({})],
    ['one project', linear({ scope: { project: 'Agents' } })],
    ['a webhook alone', github({ poll: { enabled: false }, webhook: { enabled: true, secretRefs: [key] } })],
    ['a webhook that is off', github({ webhook: { enabled: false } })],
  ]),
  ...rejected('implementationsources', [
    ['a repository and an organization', github({ scope: { repository: 'a/b', organization: 'a' } }), 'spec', GITHUB],
    ['neither a repository nor an organization', github({ scope: {} }), 'spec', GITHUB],
    ['a repository and a team', github({ scope: { repository: 'a/b', team: 'ENG' } }), 'spec', GITHUB],
    ['neither a team nor a project', linear({ scope: {} }), 'spec', LINEAR],
    ['a team and a repository', linear({ scope: { team: 'ENG', repository: 'a/b' } }), 'spec', LINEAR],
    [
      'a base URL for a tracker without servers of its own',
      linear({ baseUrl: 'https://a.example.com' }),
      'spec',
      BASE_URL,
    ],
    ['a base URL over plain http', github({ baseUrl: 'http://a.example.com' }), 'spec.baseUrl', 'should match'],
    ['no trigger', github({ poll: { enabled: false } }), 'spec', TRIGGER],
    ['no trigger but a webhook that is off', github({ poll: { enabled: false }, webhook: {} }), 'spec', TRIGGER],
    ['a webhook without a Secret', github({ webhook: { enabled: true } }), 'spec.webhook', WEBHOOK],
    [
      'a webhook with an empty list of Secrets',
      github({ webhook: { enabled: true, secretRefs: [] } }),
      'spec.webhook',
      WEBHOOK,
    ],
    [
      'a webhook with three Secrets',
      github({ webhook: { secretRefs: ['a', 'b', 'c'].map((name) => ({ name, key: 'k' })) } }),
      'spec.webhook.secretRefs',
      'must have at most 2 items',
    ],
    [
      'polling more often than every 15 s',
      github({ poll: { intervalSeconds: 14 } }),
      'spec.poll.intervalSeconds',
      'greater than or equal to 15',
    ],
    ['no credential', { provider: 'github', scope: { repository: 'a/b' } }, 'spec.auth', 'Required value'],
    [
      'a repository without an owner',
      github({ scope: { repository: 'app' } }),
      'spec.scope.repository',
      'should match',
    ],
    ['an unknown tracker', github({ provider: 'manual' }), 'spec.provider', 'supported values: "github", "linear"'],
    [
      'an unknown deletion policy',
      github({ deletionPolicy: 'Orphan' }),
      'spec.deletionPolicy',
      'supported values: "Delete", "Retain"',
    ],
  ]),
  ...accepted('memories', [
    ['a Secret with well-known keys', memory({})],
    ['a Secret with a DSN', memory({ connection: { secretRef: { name: 'm', key: 'dsn' } } })],
  ]),
  ...rejected('memories', [
    [
      'an unknown type',
      memory({ type: 'sqlite' }),
      'spec.type',
      'supported values: "postgres", "redis", "weaviate", "pinecone", "custom"',
    ],
    ['no connection', { type: 'redis' }, 'spec.connection', 'Required value'],
    [
      'an unknown capability',
      memory({ capabilities: ['graph'] }),
      'spec.capabilities[0]',
      'supported values: "vector", "kv", "blob"',
    ],
    [
      'probing without a pause',
      memory({ healthCheck: { intervalSeconds: 0 } }),
      'spec.healthCheck.intervalSeconds',
      'greater than or equal to 5',
    ],
  ]),
];
