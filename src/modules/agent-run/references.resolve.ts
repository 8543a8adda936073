import { findCondition } from '../../api/meta/condition.js';
import type { Agent } from '../../api/v1alpha1/agent.types.js';
import type { AgentProvider } from '../../api/v1alpha1/agent-provider.types.js';
import type { AgentRun } from '../../api/v1alpha1/agent-run.types.js';
import { CONDITIONS } from '../../api/v1alpha1/conditions.js';
import type { ImplementationSpec } from '../../api/v1alpha1/implementation-spec.types.js';
import type { Memory } from '../../api/v1alpha1/memory.types.js';
import { RUN_REASONS, type RunReason } from '../../api/v1alpha1/reasons.js';
import type { RuntimeType } from '../../api/v1alpha1/runtime-kind.js';
import { providerSecretProblem } from '../../domain/provider-secrets.js';
import { selectMemory } from './memory.resolve.js';
import type { Blocked } from './state.types.js';

/** What the caches hold of a run's references; absent is what is not there. */
export interface Gathered {
  agent?: Agent;
  provider?: AgentProvider;
  implementation?: ImplementationSpec;
  /** All Memories of the namespace. */
  memories: readonly Memory[];
}

/** Every reference found and ready. */
export interface References {
  agent: Agent;
  provider: AgentProvider;
  /** Absent when the run carries its implementation. */
  implementation?: ImplementationSpec;
  /** Absent when nothing asks for one. */
  memory?: Memory;
  runtime: RuntimeType;
}

/**
 * Finds what keeps a run from being decided; the first missing or unready reference is named. Nothing is Failed for that:
 * the reference's own event wakes the run.
 * @param runtimes the runtimes that have an adapter
 */
export function resolveReferences(
  run: AgentRun,
  gathered: Gathered,
  runtimes: ReadonlySet<RuntimeType>,
): References | Blocked {
  const { agent, provider, implementation } = gathered;
  const { agentRef, implementationRef } = run.spec;
  if (!agent) return missing(RUN_REASONS.AgentNotFound, 'Agent', agentRef.name, 'spec.agentRef');
  const providerName = agent.spec.providerRef.name;
  if (!provider) {
    return missing(
      RUN_REASONS.ProviderNotFound,
      'AgentProvider',
      providerName,
      `spec.providerRef of Agent "${agentRef.name}"`,
    );
  }
  const providerProblem = notReady(provider);
  if (providerProblem) {
    return blocked(RUN_REASONS.ProviderNotReady, `AgentProvider "${providerName}" is not ready: ${providerProblem}`);
  }
  if (implementationRef && !implementation) {
    return missing(
      RUN_REASONS.ImplementationNotFound,
      'ImplementationSpec',
      implementationRef.name,
      'spec.implementationRef',
    );
  }
  const memory = selectMemory(run, agent, provider, gathered.memories);
  if (memory.kind === 'blocked') return memory;
  const agentProblem = notReady(agent) ?? providerSecretProblem(agent, provider);
  if (agentProblem) return blocked(RUN_REASONS.AgentNotReady, `Agent "${agentRef.name}" is not ready: ${agentProblem}`);
  const runtime = agent.spec.runtime?.type ?? 'job';
  if (!runtimes.has(runtime)) {
    return blocked(
      RUN_REASONS.RuntimeNotSupported,
      `this version of Jangar has no adapter for spec.runtime.type "${runtime}" of Agent "${agentRef.name}"; it has: ${[...runtimes].join(', ')}`,
    );
  }
  return {
    agent,
    provider,
    ...(implementation && { implementation }),
    ...(memory.memory && { memory: memory.memory }),
    runtime,
  };
}

/** Why an object with a Ready condition is not usable as it is now, or undefined when it is. */
function notReady({ metadata, status }: Agent | AgentProvider): string | undefined {
  const ready = findCondition(status?.conditions, CONDITIONS.Ready);
  if (!ready || status?.observedGeneration !== metadata.generation) return 'it was not looked at yet';
  return ready.status === 'True' ? undefined : ready.message || ready.reason;
}

function missing(reason: RunReason, kind: string, name: string, field: string): Blocked {
  return blocked(reason, `${kind} "${name}" (${field}) is not in this namespace; create it, the run then goes on`);
}

function blocked(reason: RunReason, message: string): Blocked {
  return { kind: 'blocked', reason, message };
}
