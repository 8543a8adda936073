import type { Agent, AgentSpec } from '../../../src/api/v1alpha1/agent.types.js';
import type { AgentProvider, AgentProviderSpec } from '../../../src/api/v1alpha1/agent-provider.types.js';
import type { AgentRunStatus } from '../../../src/api/v1alpha1/agent-run-status.types.js';
import type { AgentRun, AgentRunSpec } from '../../../src/api/v1alpha1/agent-run.types.js';
import type {
  ImplementationSpec,
  ImplementationSpecSpec,
} from '../../../src/api/v1alpha1/implementation-spec.types.js';
import type { Memory, MemorySpec } from '../../../src/api/v1alpha1/memory.types.js';

const API_VERSION = 'agents.proompteng.ai/v1alpha1';
export const CREATED = '2026-01-01T00:00:00Z';

const meta = (name: string, more: object = {}) => ({
  name,
  namespace: 'team-a',
  uid: `uid-${name}`,
  resourceVersion: '1',
  generation: 1,
  creationTimestamp: CREATED,
  ...more,
});

const ready = (status: 'True' | 'False', message: string) => ({
  conditions: [
    {
      type: 'Ready',
      status,
      reason: status === 'True' ? 'Ready' : 'InvalidTemplate',
      message,
      lastTransitionTime: CREATED,
    },
  ],
  observedGeneration: 1,
});

/** A Ready Agent named `coder` on provider `shell`. */
export function anAgent(
  spec: Partial<AgentSpec> = {},
  status: NonNullable<Agent['status']> = ready('True', ''),
): Agent {
  return {
    apiVersion: API_VERSION,
    kind: 'Agent',
    metadata: meta('coder'),
    spec: { providerRef: { name: 'shell' }, ...spec },
    status,
  };
}

/** A Ready AgentProvider named `shell`. */
export function aProvider(
  spec: Partial<AgentProviderSpec> = {},
  status: NonNullable<AgentProvider['status']> = ready('True', ''),
): AgentProvider {
  return {
    apiVersion: API_VERSION,
    kind: 'AgentProvider',
    metadata: meta('shell'),
    spec: { binary: '/bin/sh', ...spec },
    status,
  };
}

/** The status of an object that its reconciler found wanting. */
export const notReady = (message: string) => ready('False', message);

/** An ImplementationSpec named `login`. */
export function anImplementation(spec: Partial<ImplementationSpecSpec> = {}): ImplementationSpec {
  return {
    apiVersion: API_VERSION,
    kind: 'ImplementationSpec',
    metadata: meta('login'),
    spec: { text: 'Fix the login.', ...spec },
  };
}

/** A Memory. */
export function aMemory(name: string, spec: Partial<MemorySpec> = {}, createdAt = CREATED): Memory {
  return {
    apiVersion: API_VERSION,
    kind: 'Memory',
    metadata: meta(name, { creationTimestamp: createdAt }),
    spec: { type: 'postgres', connection: { secretRef: { name: `${name}-dsn` } }, ...spec },
  };
}

/** An AgentRun named `fix-login` of Agent `coder` for ImplementationSpec `login`. */
export function aRun(spec: Partial<AgentRunSpec> = {}, status?: AgentRunStatus, metadata: object = {}): AgentRun {
  return {
    apiVersion: API_VERSION,
    kind: 'AgentRun',
    metadata: meta('fix-login', metadata),
    spec: {
      agentRef: { name: 'coder' },
      implementationRef: { name: 'login' },
      execution: { coordinates: { git: { url: 'https://git.example/team/app.git' } } },
      ...spec,
    },
    ...(status && { status }),
  };
}
