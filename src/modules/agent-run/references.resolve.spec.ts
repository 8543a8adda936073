import { describe, expect, it } from '@jest/globals';
import {
  aMemory,
  anAgent,
  anImplementation,
  aProvider,
  aRun,
  notReady,
} from '../../../test/support/builders/objects.js';
import type { AgentRun } from '../../api/v1alpha1/agent-run.types.js';
import { type Gathered, resolveReferences } from './references.resolve.js';

const all: Gathered = { agent: anAgent(), provider: aProvider(), implementation: anImplementation(), memories: [] };
const without = (name: keyof Gathered): Gathered =>
  Object.fromEntries(Object.entries(all).filter(([key]) => key !== name)) as unknown as Gathered;
const resolve = (gathered: Gathered, run: AgentRun = aRun()) => resolveReferences(run, gathered, new Set(['job']));

describe('a run waits, and says for what, when', () => {
  const unlooked = { ...anAgent({}, { conditions: [], observedGeneration: 0 }) };

  it.each<[string, Gathered, reason: string, message: string]>([
    [
      'the Agent is missing',
      without('agent'),
      'AgentNotFound',
      'Agent "coder" (spec.agentRef) is not in this namespace; create it',
    ],
    [
      'the provider is missing',
      without('provider'),
      'ProviderNotFound',
      'AgentProvider "shell" (spec.providerRef of Agent "coder")',
    ],
    [
      'the provider is not ready',
      { ...all, provider: aProvider({}, notReady('bad template')) },
      'ProviderNotReady',
      'bad template',
    ],
    [
      'the provider was changed and not looked at since',
      { ...all, provider: { ...aProvider(), metadata: { ...aProvider().metadata, generation: 2 } } },
      'ProviderNotReady',
      'not looked at yet',
    ],
    [
      'the implementation is missing',
      without('implementation'),
      'ImplementationNotFound',
      'ImplementationSpec "login" (spec.implementationRef)',
    ],
    [
      "the Agent's Memory is missing",
      { ...all, agent: anAgent({ memoryRef: { name: 'm' } }) },
      'MemoryNotFound',
      'Memory "m" (spec.memoryRef of Agent "coder")',
    ],
    [
      'the Agent is not ready',
      { ...all, agent: anAgent({}, notReady('secret not allowed')) },
      'AgentNotReady',
      'secret not allowed',
    ],
    ['the Agent was not looked at yet', { ...all, agent: unlooked }, 'AgentNotReady', 'not looked at yet'],
    [
      'the Agent was Ready before its provider asked for a Secret that it does not allow',
      {
        ...all,
        provider: aProvider({ secretEnv: [{ name: 'API_KEY', secretRef: { name: 'model-key', key: 'key' } }] }),
      },
      'AgentNotReady',
      'Agent "coder" is not ready: AgentProvider "shell" needs the Secret "model-key" for API_KEY; add it to spec.security.allowedSecrets',
    ],
    [
      'the runtime has no adapter [Agent spec.runtime.type]',
      { ...all, agent: anAgent({ runtime: { type: 'custom' } }) },
      'RuntimeNotSupported',
      'no adapter for spec.runtime.type "custom" of Agent "coder"; it has: job',
    ],
  ])('%s', (_name, gathered, reason, message) => {
    const blocked = resolve(gathered);
    expect(blocked).toMatchObject({ kind: 'blocked', reason });
    expect('message' in blocked && blocked.message).toContain(message);
  });

  it('the Memory that the run itself names is missing', () => {
    expect(resolve(all, aRun({ memoryRef: { name: 'x' } }))).toMatchObject({
      reason: 'MemoryNotFound',
      message: 'Memory "x" (spec.memoryRef) is not in this namespace; create it, the run then goes on',
    });
  });
});

describe('a run whose references are ready', () => {
  it('goes on with them', () => {
    expect(resolve(all)).toEqual({
      agent: all.agent,
      provider: all.provider,
      implementation: all.implementation,
      runtime: 'job',
    });
  });

  it('needs no ImplementationSpec when it carries its own', () => {
    const { agentRef, execution } = aRun().spec;
    const run = { ...aRun(), spec: { agentRef, execution, implementation: { inline: { text: 'x' } } } };
    expect(resolve(without('implementation'), run)).toMatchObject({ runtime: 'job' });
  });
});

describe('the Memory of a run', () => {
  const memories = [
    aMemory('young-default', { default: true, capabilities: ['kv'] }, '2026-01-03T00:00:00Z'),
    aMemory('old-default', { default: true, capabilities: ['kv'] }, '2026-01-02T00:00:00Z'),
    aMemory('vectors', { capabilities: ['vector', 'kv'] }, '2026-01-04T00:00:00Z'),
    aMemory('old-vectors', { capabilities: ['vector'] }, '2026-01-01T00:00:00Z'),
  ];
  const memoryOf = (gathered: Partial<Gathered>, run?: AgentRun) => {
    const resolved = resolve({ ...all, memories, ...gathered }, run);
    return 'kind' in resolved ? resolved.reason : resolved.memory?.metadata.name;
  };

  it.each<[string, Partial<Gathered>, AgentRun | undefined, string | undefined]>([
    [
      'is its own [AgentRun spec.memoryRef.name]',
      { agent: anAgent({ memoryRef: { name: 'vectors' } }) },
      aRun({ memoryRef: { name: 'old-vectors' } }),
      'old-vectors',
    ],
    [
      "is its Agent's [Agent spec.memoryRef.name]",
      { agent: anAgent({ memoryRef: { name: 'vectors' } }) },
      undefined,
      'vectors',
    ],
    ['is the older default of the namespace [Memory spec.default]', {}, undefined, 'old-default'],
    [
      'is the oldest with the capabilities that the provider needs [AgentProvider spec.memoryCapabilities] [Memory spec.capabilities]',
      { provider: aProvider({ memoryCapabilities: ['vector'] }) },
      undefined,
      'old-vectors',
    ],
    ['must have all of them', { provider: aProvider({ memoryCapabilities: ['vector', 'kv'] }) }, undefined, 'vectors'],
    [
      'is waited for when none has them',
      { provider: aProvider({ memoryCapabilities: ['blob'] }) },
      undefined,
      'MemoryCapabilityMissing',
    ],
    ['is none when nothing asks for one', { memories: [aMemory('plain')] }, undefined, undefined],
  ])('%s', (_name, gathered, run, expected) => {
    expect(memoryOf(gathered, run)).toBe(expected);
  });
});
