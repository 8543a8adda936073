import { accepted, type ChangeRow, rejected, type Row } from './row.js';

const INLINE = { inline: { text: 'Fix the login.' } };
const git = (coordinates: object): object => ({
  coordinates: { git: { url: 'https://git.example.com/team/app.git', ...coordinates } },
});
const run = (spec: object): object => ({
  agentRef: { name: 'codex-agent' },
  implementation: INLINE,
  execution: git({}),
  ...spec,
});
const at = (coordinates: object): object => run({ execution: git(coordinates) });
const inWorkspace = (workspace: object): object =>
  run({ execution: { coordinates: { git: { url: 'https://git.example.com/a' }, workspace } } });
const volume = (source: object): object => run({ workload: { volumes: [{ name: 'v', mountPath: '/v', ...source }] } });
const overrides = (job: object): object => run({ runtimeOverrides: { job } });

const ONE_IMPLEMENTATION = 'set exactly one of implementationRef and implementation.inline: a run implements one thing';
const CONTENT = 'set text: it is required unless summary or description is set';
const URL_FORM = 'git.url must be https://host/path, http://host/path, ssh://user@host/path or user@host:path';
const CREDENTIALS =
  "git.url must not hold credentials: put them into a Secret and name it in the Agent's security.allowedRepositories";
const REF = 'git.ref must be a branch, a tag or a commit SHA: it cannot hold ".."';
const PATH = 'git.path must stay inside the repository: remove the ".." segments';
const WORKSPACE_VOLUME = 'set exactly one of workspace.volume.emptyDir and workspace.volume.claimName';
const VOLUME = 'set exactly one of emptyDir, persistentVolumeClaim, secret and configMap';
const MOUNT_PATH = 'mountPath must be spelled plainly: remove "//", "." and ".." segments, and the slash at its end';
const RESERVED = 'names under agents.proompteng.ai/ are set by the control plane: choose another prefix';
const GRANT = 'set keys (environment) or mountPath (files), not both: list the Secret as a volume to have both';
const TIMEOUT = 'timeoutSeconds must be at least 1: leave it out to use the default of the Agent';
const IMMUTABLE =
  'the spec of an AgentRun cannot change but for cancel, priority and ttlSecondsAfterFinished: create a new AgentRun instead';
const CANCEL = 'cancel cannot be taken back: create a new AgentRun instead';
const URL_FIELD = 'spec.execution.coordinates.git.url';

export const AGENT_RUN_ROWS: Row[] = [
  ...accepted('agentruns', [
    ['an inline implementation', run({})],
    ['a referenced implementation', { agentRef: { name: 'a' }, implementationRef: { name: 'b' }, execution: git({}) }],
    ['an implementation with a summary only', run({ implementation: { inline: { summary: 'Fix it.' } } })],
    ['a repository over ssh', at({ url: 'ssh://git@git.example.com:22/team/app.git' })],
    ['a repository as user@host:path', at({ url: 'git@git.example.com:team/app.git' })],
    ['a repository over http', at({ url: 'http://git.example.com:8080/app' })],
    ['a commit as the revision', at({ ref: '0123456789012345678901234567890123456789' })],
    ['a branch with unusual characters', at({ ref: 'renovate/@scope+pkg-1.x#2' })],
    ['the root of the repository', at({ path: '.' })],
    ['a directory with dots in its name', at({ path: '.config/a..b' })],
    ['a volume at a path with dots in its names', volume({ emptyDir: {}, mountPath: '/data/..a/.b/c..' })],
    ['a workspace below a directory', inWorkspace({ mountPath: '/srv/work' })],
    ['files of a Secret in a hidden directory', run({ secrets: [{ name: 's', mountPath: '/home/agent/.ssh' }] })],
    ['no ttl at all', run({ ttlSecondsAfterFinished: 0 })],
    ['the lowest priority', run({ priority: -1_000_000 })],
  ]),
  ...rejected('agentruns', [
    ['both implementations', run({ implementationRef: { name: 'b' } }), 'spec', ONE_IMPLEMENTATION],
    ['neither implementation', { agentRef: { name: 'a' }, execution: git({}) }, 'spec', ONE_IMPLEMENTATION],
    [
      'an implementation that is not inline',
      run({ implementation: {} }),
      'spec.implementation.inline',
      'Required value',
    ],
    [
      'an inline implementation without content',
      run({ implementation: { inline: { labels: ['a'] } } }),
      'spec.implementation.inline',
      CONTENT,
    ],
    [
      'an empty text',
      run({ implementation: { inline: { text: '' } } }),
      'spec.implementation.inline.text',
      'at least 1 chars long',
    ],
    [
      'a text over 128 KiB',
      run({ implementation: { inline: { text: 'x'.repeat(131_073) } } }),
      'spec.implementation.inline.text',
      'Too long',
    ],
    ['no Agent', { implementation: INLINE, execution: git({}) }, 'spec.agentRef', 'Required value'],
    ['no coordinates', run({ execution: {} }), 'spec.execution.coordinates', 'Required value'],
    ['no repository', run({ execution: { coordinates: { git: {} } } }), URL_FIELD, 'Required value'],
    ['a repository that is a path', at({ url: '/srv/git/app' }), URL_FIELD, URL_FORM],
    ['a repository of this machine', at({ url: 'file:///srv/git/app' }), URL_FIELD, URL_FORM],
    ['another transport', at({ url: 'ext::sh -c id' }), URL_FIELD, URL_FORM],
    ['an option instead of a repository', at({ url: '--upload-pack=id' }), URL_FIELD, URL_FORM],
    ['a host without a path', at({ url: 'https://git.example.com' }), URL_FIELD, URL_FORM],
    ['a line break in the URL', at({ url: 'https://git.example.com/a\nb' }), URL_FIELD, URL_FORM],
    ['a token in the URL', at({ url: 'https://token@git.example.com/a' }), URL_FIELD, CREDENTIALS],
    ['a password in the URL', at({ url: 'http://me:secret@git.example.com/a' }), URL_FIELD, CREDENTIALS],
    ['a password in an ssh URL', at({ url: 'ssh://git:secret@git.example.com/a' }), URL_FIELD, CREDENTIALS],
    ['a range as the revision', at({ ref: 'main..other' }), 'spec.execution.coordinates.git.ref', REF],
    [
      'an option as the revision',
      at({ ref: '--upload-pack=id' }),
      'spec.execution.coordinates.git.ref',
      'should match',
    ],
    ['a revision with a space', at({ ref: 'a b' }), 'spec.execution.coordinates.git.ref', 'should match'],
    ['a directory above the repository', at({ path: 'a/../..' }), 'spec.execution.coordinates.git.path', PATH],
    ['an absolute directory', at({ path: '/etc' }), 'spec.execution.coordinates.git.path', 'should match'],
    ['no history at all', at({ depth: 0 }), 'spec.execution.coordinates.git.depth', 'greater than or equal to 1'],
    [
      'a workspace on two volumes',
      inWorkspace({ volume: { emptyDir: {}, claimName: 'a' } }),
      'spec.execution.coordinates.workspace.volume',
      WORKSPACE_VOLUME,
    ],
    [
      'a workspace on no volume',
      inWorkspace({ volume: {} }),
      'spec.execution.coordinates.workspace.volume',
      WORKSPACE_VOLUME,
    ],
    [
      'a workspace at a relative path',
      inWorkspace({ mountPath: 'work' }),
      'spec.execution.coordinates.workspace.mountPath',
      'should match',
    ],
    ['a volume of nothing', volume({}), 'spec.workload.volumes[0]', VOLUME],
    ['a volume of two things', volume({ emptyDir: {}, configMap: { name: 'a' } }), 'spec.workload.volumes[0]', VOLUME],
    [
      'a volume at the root',
      volume({ emptyDir: {}, mountPath: '/' }),
      'spec.workload.volumes[0].mountPath',
      'at least 2 chars long',
    ],
    ...(['/etc//agent-run', '//etc', '/data/./x', '/data/../etc', '/data/..', '/data/'] as const).flatMap((mountPath) =>
      (
        [
          ['a volume', volume({ emptyDir: {}, mountPath }), 'spec.workload.volumes[0].mountPath'],
          ['a workspace', inWorkspace({ mountPath }), 'spec.execution.coordinates.workspace.mountPath'],
          ['files of a Secret', run({ secrets: [{ name: 's', mountPath }] }), 'spec.secrets[0].mountPath'],
        ] as const
      ).map(([what, spec, field]): [string, object, string, string] => [
        `${what} at ${mountPath}`,
        spec,
        field,
        MOUNT_PATH,
      ]),
    ),
    [
      'a reserved label',
      overrides({ labels: { 'agents.proompteng.ai/attempt': '1' } }),
      'spec.runtimeOverrides.job.labels',
      RESERVED,
    ],
    [
      'a reserved annotation',
      overrides({ annotations: { 'agents.proompteng.ai/x': '' } }),
      'spec.runtimeOverrides.job.annotations',
      RESERVED,
    ],
    [
      'a Secret as environment and as files',
      run({ secrets: [{ name: 's', keys: [{ key: 'k', env: 'K' }], mountPath: '/s' }] }),
      'spec.secrets[0]',
      GRANT,
    ],
    [
      'two keys under one name',
      run({
        secrets: [
          {
            name: 's',
            keys: [
              { key: 'a', env: 'K' },
              { key: 'b', env: 'K' },
            ],
          },
        ],
      }),
      'spec.secrets[0].keys[1]',
      'Duplicate value',
    ],
    ['a negative timeout', run({ timeoutSeconds: -5 }), 'spec.timeoutSeconds', TIMEOUT],
    ['a timeout of zero', run({ timeoutSeconds: 0 }), 'spec.timeoutSeconds', TIMEOUT],
    ['a fractional timeout', run({ timeoutSeconds: 1.5 }), 'spec.timeoutSeconds', 'must be of type integer'],
    ['a negative retry limit', run({ retry: { limit: -1 } }), 'spec.retry.limit', 'greater than or equal to 0'],
    ['a class that is never retried', run({ retry: { on: ['AuthFailed'] } }), 'spec.retry.on[0]', 'Unsupported value'],
    [
      'a negative ttl',
      run({ ttlSecondsAfterFinished: -1 }),
      'spec.ttlSecondsAfterFinished',
      'greater than or equal to 0',
    ],
    ['a parameter that is not text', run({ parameters: { a: 1 } }), 'spec.parameters.a', 'must be of type string'],
  ]),
];

const stored = { ...run({}), timeoutSeconds: 60, cancel: false };

export const AGENT_RUN_CHANGES: ChangeRow[] = [
  ...(
    [
      ['asking to cancel', { ...stored, cancel: true }],
      ['a new priority', { ...stored, priority: 5 }],
      ['a new time to live', { ...stored, ttlSecondsAfterFinished: 60 }],
      ['nothing', stored],
    ] as const
  ).map(([name, spec]) => ({ name, plural: 'agentruns' as const, before: stored, spec })),
  ...(
    [
      ['another Agent', stored, { ...stored, agentRef: { name: 'other' } }, IMMUTABLE],
      ['another text', stored, { ...stored, implementation: { inline: { text: 'Other.' } } }, IMMUTABLE],
      ['another revision', stored, { ...stored, execution: git({ ref: 'other' }) }, IMMUTABLE],
      ['another timeout', stored, { ...stored, timeoutSeconds: 61 }, IMMUTABLE],
      ['an optional field that appears', stored, { ...stored, parameters: { a: 'b' } }, IMMUTABLE],
      ['an optional field that goes', stored, { ...run({}), cancel: false }, IMMUTABLE],
      [
        'a reference instead of the text',
        stored,
        { ...stored, implementation: undefined, implementationRef: { name: 'b' } },
        IMMUTABLE,
      ],
      ['a cancel taken back', { ...stored, cancel: true }, { ...stored, cancel: false }, CANCEL],
      ['a cancel removed', { ...stored, cancel: true }, { ...run({}), timeoutSeconds: 60 }, CANCEL],
    ] as const
  ).map(([name, before, spec, message]) => ({
    name,
    plural: 'agentruns' as const,
    before,
    spec,
    rejected: { field: 'spec', message },
  })),
];
