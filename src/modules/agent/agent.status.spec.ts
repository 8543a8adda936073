import { describe, expect, it } from '@jest/globals';
import { aMemory, anAgent, aProvider, notReady } from '../../../test/support/builders/objects.js';
import { findCondition } from '../../api/meta/condition.js';
import type { Agent, AgentSpec } from '../../api/v1alpha1/agent.types.js';
import type { AgentProviderSpec } from '../../api/v1alpha1/agent-provider.types.js';
import { agentStatus, type AgentFacts } from './agent.status.js';
import { agentProviderStatus } from './agent-provider.status.js';

const NOW = new Date('2026-01-02T00:00:00Z');

describe('an Agent is', () => {
  const needsSecret = aProvider({ secretEnv: [{ name: 'API_KEY', secretRef: { name: 'model-key', key: 'key' } }] });

  it.each<[string, Partial<AgentSpec>, AgentFacts, expected: string]>([
    ['Ready with its provider', {}, { provider: aProvider() }, 'True Ready'],
    [
      'Ready with its Memory',
      { memoryRef: { name: 'm' } },
      { provider: aProvider(), memory: aMemory('m') },
      'True Ready',
    ],
    [
      'Ready when it allows what the provider needs',
      { security: { allowedSecrets: ['model-key'] } },
      { provider: needsSecret },
      'True Ready',
    ],
    ['not without its provider', {}, {}, 'False ProviderNotFound AgentProvider "shell" (spec.providerRef)'],
    [
      'not while its provider is not',
      {},
      { provider: aProvider({}, notReady('bad template')) },
      'False ProviderNotReady AgentProvider "shell" is not ready: bad template',
    ],
    [
      'not while its provider was not looked at',
      {},
      { provider: { ...aProvider(), status: {} } },
      'False ProviderNotReady AgentProvider "shell" is not ready: it was not looked at yet',
    ],
    [
      'not while its provider was changed and not looked at since',
      {},
      { provider: { ...aProvider(), metadata: { ...aProvider().metadata, generation: 2 } } },
      'False ProviderNotReady AgentProvider "shell" is not ready: it was not looked at yet',
    ],
    [
      'not when the provider needs a Secret that it does not allow',
      {},
      { provider: needsSecret },
      'False SecretNotAllowed AgentProvider "shell" needs the Secret "model-key" for API_KEY; add it to spec.security.allowedSecrets',
    ],
    [
      'not without its Memory',
      { memoryRef: { name: 'm' } },
      { provider: aProvider() },
      'False MemoryNotFound Memory "m" (spec.memoryRef)',
    ],
    [
      'not when it takes a variable of the runner',
      { env: [{ name: 'AGENT_RUN_SPEC', value: 'x' }] },
      { provider: aProvider() },
      'False InvalidSpec spec.env: AGENT_RUN_SPEC is set by agent-runner',
    ],
  ])('%s', (_name, spec, references, expected) => {
    const { conditions, observedGeneration } = agentStatus(anAgent(spec), references, NOW);
    const [ready] = conditions ?? [];
    expect(`${ready?.status} ${ready?.reason} ${ready?.message}`).toContain(expected);
    expect(observedGeneration).toBe(1);
  });

  it('told by a whole condition of the generation that was looked at [Agent status.conditions.{type,status,reason,message,lastTransitionTime,observedGeneration} status.observedGeneration]', () => {
    const agent = { ...anAgent(), metadata: { ...anAgent().metadata, generation: 4 } };
    expect(agentStatus(agent, {}, NOW)).toEqual({
      conditions: [
        {
          type: 'Ready',
          status: 'False',
          reason: 'ProviderNotFound',
          message: 'AgentProvider "shell" (spec.providerRef) is not in this namespace; create it',
          lastTransitionTime: '2026-01-02T00:00:00Z',
          observedGeneration: 4,
        },
        {
          type: 'Paused',
          status: 'False',
          reason: 'NotPaused',
          message: '',
          lastTransitionTime: '2026-01-02T00:00:00Z',
          observedGeneration: 4,
        },
      ],
      observedGeneration: 4,
    });
  });

  it('not written again when nothing changed', () => {
    const agent: Agent = anAgent();
    const first = agentStatus(agent, { provider: aProvider() }, NOW);
    const second = agentStatus(
      { ...agent, status: first },
      { provider: aProvider() },
      new Date('2026-02-01T00:00:00Z'),
    );
    expect(second).toEqual(first);
  });
});

describe('an Agent', () => {
  it.each<[string, AgentFacts, expected: string]>([
    ['is not Paused', { provider: aProvider() }, 'False NotPaused '],
    [
      'is Paused while its service turns runs away, for the reason that the first of them gave',
      { provider: aProvider(), pausedBy: 'RateLimited' },
      'True RateLimited runs in a row ended with RateLimited: further ones wait',
    ],
    ['is Paused although it is not Ready', { pausedBy: 'AuthFailed' }, 'True AuthFailed'],
  ])('%s', (_name, facts, expected) => {
    const paused = findCondition(agentStatus(anAgent(), facts, NOW).conditions, 'Paused');
    expect(`${paused?.status} ${paused?.reason} ${paused?.message}`).toContain(expected);
  });
});

describe('an AgentProvider is', () => {
  it.each<[string, Partial<AgentProviderSpec>, expected: string]>([
    ['Ready without templates', {}, 'True Ready'],
    [
      'Ready when all templates use known variables',
      {
        argsTemplate: ['{{ run.name }}'],
        envTemplate: { A: '{{ git.url }}' },
        inputFiles: [{ path: 'f', content: '{{ implementation.text }}' }],
      },
      'True Ready',
    ],
    [
      'not when an argument does not parse',
      { argsTemplate: ['ok', '{{ run.name'] },
      'False InvalidTemplate spec.argsTemplate[1]: ',
    ],
    [
      'not when a variable is unknown',
      { envTemplate: { TOKEN: '{{ env.TOKEN }}' } },
      'False InvalidTemplate spec.envTemplate.TOKEN: unknown variable "env.TOKEN"; known are run, agent,',
    ],
    [
      'not when an input file is wrong',
      { inputFiles: [{ path: 'a/b', content: '{{ issue }}' }] },
      'False InvalidTemplate spec.inputFiles "a/b": unknown variable "issue"',
    ],
    [
      'not when it takes a variable of the runner',
      { envTemplate: { AGENT_RUN_UID: 'x' } },
      'False InvalidSpec AGENT_RUN_UID is set by agent-runner',
    ],
    [
      'not when a secret takes one',
      { secretEnv: [{ name: 'AGENT_RUN_UID', secretRef: { name: 's', key: 'k' } }] },
      'False InvalidSpec AGENT_RUN_UID',
    ],
    [
      'not when the key of an artifact climbs',
      { outputArtifacts: [{ name: 'patch', path: 'a', key: '../other-run/a' }] },
      'False InvalidSpec spec.outputArtifacts "patch" has a key with an empty segment',
    ],
    [
      'not when a failure rule has a pattern that RE2 does not take',
      {
        failureRules: [
          { class: 'RateLimited', exitCodes: [1] },
          { class: 'AuthFailed', outputPattern: '(?=x)' },
        ],
      },
      'False InvalidSpec spec.failureRules[1].outputPattern is not a regular expression of RE2: ',
    ],
  ])('%s', (_name, spec, expected) => {
    const [ready] = agentProviderStatus(aProvider(spec), NOW).conditions ?? [];
    expect(`${ready?.status} ${ready?.reason} ${ready?.message}`).toContain(expected);
  });

  it('told by a whole condition of the generation that was looked at [AgentProvider status.conditions.{type,status,reason,message,lastTransitionTime,observedGeneration} status.observedGeneration]', () => {
    const provider = aProvider({ argsTemplate: ['{{ issue }}'] });
    const changed = { ...provider, metadata: { ...provider.metadata, generation: 4 } };
    expect(agentProviderStatus(changed, NOW)).toEqual({
      conditions: [
        {
          type: 'Ready',
          status: 'False',
          reason: 'InvalidTemplate',
          message: expect.stringContaining('spec.argsTemplate[0]: unknown variable "issue"'),
          lastTransitionTime: '2026-01-02T00:00:00Z',
          observedGeneration: 4,
        },
      ],
      observedGeneration: 4,
    });
  });
});
