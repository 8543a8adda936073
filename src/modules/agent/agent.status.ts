import { type DesiredCondition, mergeConditions } from '../../api/meta/condition.js';
import { findCondition } from '../../api/meta/condition.js';
import type { Agent, AgentStatus } from '../../api/v1alpha1/agent.types.js';
import type { AgentProvider } from '../../api/v1alpha1/agent-provider.types.js';
import { CONDITIONS } from '../../api/v1alpha1/conditions.js';
import type { Memory } from '../../api/v1alpha1/memory.types.js';
import { READY_REASONS, type ReadyReason } from '../../api/v1alpha1/reasons.js';
import { providerSecretProblem } from '../../domain/provider-secrets.js';
import { RUNNER_ENV } from '../../domain/runner-contract.js';

/** What the caches hold of an Agent's references. */
export interface AgentReferences {
  provider?: AgentProvider;
  memory?: Memory;
}

/** Ready: the provider is there and ready, its Secrets are allowed, the Memory is there if one is named. */
export function agentStatus(agent: Agent, references: AgentReferences, now: Date): AgentStatus {
  const generation = agent.metadata.generation ?? 0;
  const ready = readiness(agent, references);
  return {
    conditions: mergeConditions(agent.status?.conditions, [ready], now, generation),
    observedGeneration: generation,
  };
}

function readiness(agent: Agent, { provider, memory }: AgentReferences): DesiredCondition {
  const { providerRef, memoryRef, env = [] } = agent.spec;
  const reserved = env.find(({ name }) => Object.values<string>(RUNNER_ENV).includes(name));
  if (reserved) {
    return notReady(READY_REASONS.InvalidSpec, `spec.env: ${reserved.name} is set by agent-runner; use another name`);
  }
  if (!provider) {
    return notReady(
      READY_REASONS.ProviderNotFound,
      `AgentProvider "${providerRef.name}" (spec.providerRef) is not in this namespace; create it`,
    );
  }
  const why = providerProblem(provider);
  if (why !== undefined) {
    return notReady(READY_REASONS.ProviderNotReady, `AgentProvider "${providerRef.name}" is not ready: ${why}`);
  }
  const secretProblem = providerSecretProblem(agent, provider);
  if (secretProblem !== undefined) return notReady(READY_REASONS.SecretNotAllowed, secretProblem);
  if (memoryRef && !memory) {
    return notReady(
      READY_REASONS.MemoryNotFound,
      `Memory "${memoryRef.name}" (spec.memoryRef) is not in this namespace; create it`,
    );
  }
  return { type: CONDITIONS.Ready, status: 'True', reason: READY_REASONS.Ready, message: '' };
}

/** Why a provider is not usable as it is now: a verdict on an earlier generation says nothing of this one. */
function providerProblem({ metadata, status }: AgentProvider): string | undefined {
  const ready = findCondition(status?.conditions, CONDITIONS.Ready);
  if (!ready || status?.observedGeneration !== metadata.generation) return 'it was not looked at yet';
  return ready.status === 'True' ? undefined : ready.message;
}

function notReady(reason: ReadyReason, message: string): DesiredCondition {
  return { type: CONDITIONS.Ready, status: 'False', reason, message };
}
