import { accepted, rejected, type Row } from './row.js';

const provider = (spec: object): object => ({ binary: 'agent', ...spec });
const input = (path: string): object => provider({ inputFiles: [{ path, content: '' }] });
const output = (path: string): object => provider({ outputArtifacts: [{ name: 'report', path }] });

const INSIDE = 'the path must stay inside the working directory: remove the ".." segments';
const RULE = 'set exitCodes, outputPattern or both: a rule without them never matches';

export const AGENT_PROVIDER_ROWS: Row[] = [
  ...accepted('agentproviders', [
    ['a provider with nothing but a program', provider({})],
    ['an input file with dots in its name', input('a..b/..c/d...')],
    ['an artifact of the working directory itself', output('.')],
    [
      'a rule with both an exit code and a pattern',
      provider({ failureRules: [{ class: 'AuthFailed', exitCodes: [1], outputPattern: '401' }] }),
    ],
    ['the same argument twice', provider({ argsTemplate: ['-v', '-v'] })],
  ]),
  ...rejected('agentproviders', [
    ['no program', {}, 'spec.binary', 'Required value'],
    ['an empty program', provider({ binary: '' }), 'spec.binary', 'at least 1 chars long'],
    ['an input file above the working directory', input('a/../../etc/passwd'), 'spec.inputFiles[0].path', INSIDE],
    ['an input file that is the parent', input('..'), 'spec.inputFiles[0].path', INSIDE],
    ['an absolute input file', input('/etc/passwd'), 'spec.inputFiles[0].path', 'should match'],
    ['an artifact above the working directory', output('../x'), 'spec.outputArtifacts[0].path', INSIDE],
    ['an absolute artifact', output('/x'), 'spec.outputArtifacts[0].path', 'should match'],
    [
      'an artifact whose name is a path',
      provider({ outputArtifacts: [{ name: 'a/b', path: 'x' }] }),
      'spec.outputArtifacts[0].name',
      'should match',
    ],
    [
      'two artifacts of one name',
      provider({
        outputArtifacts: [
          { name: 'a', path: 'x' },
          { name: 'a', path: 'y' },
        ],
      }),
      'spec.outputArtifacts[1]',
      'Duplicate value',
    ],
    ['a rule that never matches', provider({ failureRules: [{ class: 'AuthFailed' }] }), 'spec.failureRules[0]', RULE],
    [
      'a rule for a class that only the cluster can tell',
      provider({ failureRules: [{ class: 'Evicted', exitCodes: [1] }] }),
      'spec.failureRules[0].class',
      'Unsupported value',
    ],
    [
      'a rule for success',
      provider({ failureRules: [{ class: 'AuthFailed', exitCodes: [0] }] }),
      'spec.failureRules[0].exitCodes[0]',
      'greater than or equal to 1',
    ],
    [
      'an unknown way to bring the runner',
      provider({ runner: 'sidecar' }),
      'spec.runner',
      'supported values: "image", "inject"',
    ],
    ['an image with a space', provider({ image: 'a b' }), 'spec.image', 'should match'],
    [
      'a credential without a key',
      provider({ secretEnv: [{ name: 'A', secretRef: { name: 'a' } }] }),
      'spec.secretEnv[0].secretRef.key',
      'Required value',
    ],
    [
      'an unknown capability',
      provider({ memoryCapabilities: ['graph'] }),
      'spec.memoryCapabilities[0]',
      'Unsupported value',
    ],
    [
      'an argument that Linux refuses',
      provider({ argsTemplate: ['x'.repeat(131_072)] }),
      'spec.argsTemplate[0]',
      'Too long',
    ],
  ]),
];
