import { describe, expect, it } from '@jest/globals';
import { WAYS } from '../../../test/support/allow-list-rows.js';
import { aMemory, anAgent, anImplementation, aProvider, aRun } from '../../../test/support/builders/objects.js';
import { operatorDefaults } from '../../../test/support/builders/operator.js';
import type { AgentSecurity } from '../../api/v1alpha1/agent-security.types.js';
import type { AgentSpec } from '../../api/v1alpha1/agent.types.js';
import type { AgentProviderSpec } from '../../api/v1alpha1/agent-provider.types.js';
import type { AgentRunSpec } from '../../api/v1alpha1/agent-run.types.js';
import { RUNTIME_OVERRIDE_FIELDS } from '../../api/v1alpha1/runtime-kind.js';
import { resolveExecution } from './execution.resolve.js';
import { resolveReferences } from './references.resolve.js';

/** What becomes of a run before it is submitted; the namespace has the Memories `own` and `other`. */
function resolve(run: Partial<AgentRunSpec>, agent: Partial<AgentSpec>, provider: Partial<AgentProviderSpec> = {}) {
  const subject = aRun(run);
  const gathered = {
    agent: anAgent(agent),
    provider: aProvider(provider),
    implementation: anImplementation(),
    memories: [aMemory('own', { default: true }), aMemory('other')],
  };
  const references = resolveReferences(subject, gathered, new Set(['job']));
  return 'kind' in references ? references : resolveExecution(subject, references, operatorDefaults());
}

/** Another thing of the same kind: an admin thought of something, only not of this. */
const ELSE: Required<AgentSecurity> = {
  allowedSecrets: ['another'],
  allowedServiceAccounts: ['another'],
  allowedVolumeClaims: ['another'],
  allowedImages: ['another.example/*'],
  allowedRepositories: [{ urlPrefix: 'https://another.example' }],
  allowedRuntimeOverrides: ['custom.payload', 'job.labels'],
};

describe('what a run names is denied unless its Agent allows it', () => {
  it.each(Object.entries(WAYS))(
    '%s [Agent spec.security.{allowedSecrets,allowedServiceAccounts,allowedVolumeClaims,allowedRuntimeOverrides,allowedImages}]',
    (_name, way) => {
      const { asks, allowed, given, anyWhenAbsent = [], reason, field } = way;
      const [list] = Object.keys(allowed) as (keyof AgentSecurity)[];
      if (list === undefined) throw new Error('a way without a list');
      const others = list === 'allowedRuntimeOverrides' ? without(allowed.allowedRuntimeOverrides?.[0]) : ELSE[list];
      expect(resolve(asks, { security: { ...given, ...allowed } }).kind).toBe('ready');
      for (const security of [given, { ...given, [list]: [] }, { ...given, [list]: others }]) {
        const absent = security?.[list] === undefined;
        const resolution = resolve(asks, security ? { security } : {});
        if (absent && anyWhenAbsent.includes(list)) expect(resolution.kind).toBe('ready');
        else
          expect(resolution).toMatchObject({
            kind: 'invalid',
            reason,
            message: expect.stringContaining(field),
          });
      }
    },
  );

  it('with the name of the list and of the Agent, so that an admin knows what to do', () => {
    expect(resolve({ secrets: [{ name: 's' }] }, {})).toMatchObject({
      message:
        'spec.secrets[0].name: the Secret "s" is not allowed; an admin can add it to spec.security.allowedSecrets of Agent "coder", then create a new run',
    });
  });

  it('also when only the first of several is allowed', () => {
    const secrets = [{ name: 'a' }, { name: 'b' }];
    expect(resolve({ secrets }, { security: { allowedSecrets: ['a'] } })).toMatchObject({
      message: expect.stringContaining('spec.secrets[1].name: the Secret "b"'),
    });
  });
});

function without(path: string | undefined) {
  return RUNTIME_OVERRIDE_FIELDS.filter((field) => field !== path);
}

describe('what needs no permission of the Agent, because its admin chose it', () => {
  it.each<[string, Partial<AgentSpec>, Partial<AgentRunSpec>]>([
    ['the Agent’s own Memory', { memoryRef: { name: 'own' } }, {}],
    [
      'the Agent’s own Memory, named by the run as well',
      { memoryRef: { name: 'own' } },
      { memoryRef: { name: 'own' } },
    ],
    ['the default Memory of the namespace', {}, {}],
    [
      'a Secret in the Agent’s environment',
      { env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }] },
      {},
    ],
    ['the credentials of a registry', { pod: { imagePullSecrets: [{ name: 's' }] } }, {}],
    [
      'the credential of a repository',
      { security: { allowedRepositories: [{ urlPrefix: 'https://git.example/team', secretRef: { name: 's' } }] } },
      {},
    ],
    ['settings of the Agent’s own runtime', { runtime: { type: 'job', job: { priorityClassName: 'high' } } }, {}],
    ['images of the provider and the operator', { security: { allowedImages: [] } }, {}],
  ])('%s', (_name, agent, run) => {
    expect(resolve(run, agent, { image: 'provider/agent:1' }).kind).toBe('ready');
  });

  it('is not what a provider chose: its Secrets have to be allowed, and the run waits for that', () => {
    const provider = { secretEnv: [{ name: 'API_KEY', secretRef: { name: 'model', key: 'k' } }] };
    expect(resolve({}, { security: { allowedSecrets: ['another'] } }, provider)).toMatchObject({
      kind: 'blocked',
      reason: 'AgentNotReady',
    });
    expect(resolve({}, { security: { allowedSecrets: ['model'] } }, provider).kind).toBe('ready');
  });
});
