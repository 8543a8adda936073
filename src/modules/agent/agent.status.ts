import { type DesiredCondition, mergeConditions } from '../../api/meta/condition.js';
import { findCondition } from '../../api/meta/condition.js';
import type { Agent, AgentStatus } from '../../api/v1alpha1/agent.types.js';
import type { AgentProvider } from '../../api/v1alpha1/agent-provider.types.js';
import { CONDITIONS } from '../../api/v1alpha1/conditions.js';
import type { FailureClass } from '../../api/v1alpha1/failure-class.js';
import type { Memory } from '../../api/v1alpha1/memory.types.js';
import { PAUSED_REASONS, READY_REASONS, type ReadyReason } from '../../api/v1alpha1/reasons.js';
import { providerSecretProblem } from '../../domain/provider-secrets.js';
import { RUNNER_ENV } from '../../domain/runner-contract.js';

/** What is known of an Agent beside itself. */
export interface AgentFacts {
  provider?: AgentProvider;
  memory?: Memory;
  /** How the run ended that began the pause, while there is one. */
  pausedBy?: FailureClass;
}

/**
 * Ready: the provider is there and ready, its Secrets are allowed, the Memory is there if one is named. Paused: the service
 * turned its last runs away. Nothing here changes with every run.
 */
export function agentStatus(agent: Agent, facts: AgentFacts, now: Date): AgentStatus {
  const generation = agent.metadata.generation ?? 0;
  const conditions = [readiness(agent, facts), pausing(facts)];
  return {
    conditions: mergeConditions(agent.status?.conditions, conditions, now, generation),
    observedGeneration: generation,
  };
}

function pausing({ pausedBy }: AgentFacts): DesiredCondition {
  const type = CONDITIONS.Paused;
  if (pausedBy === undefined) return { type, status: 'False', reason: PAUSED_REASONS.NotPaused, message: '' };
  const message = `runs in a row ended with ${pausedBy}: further ones wait, and one at a time is tried; the first that gets through ends the pause`;
  return { type, status: 'True', reason: pausedBy, message };
}

function readiness(agent: Agent, { provider, memory }: AgentFacts): DesiredCondition {
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
