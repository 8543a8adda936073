import type { Agent } from '../../api/v1alpha1/agent.types.js';
import type { AgentProvider } from '../../api/v1alpha1/agent-provider.types.js';
import type { AgentRun } from '../../api/v1alpha1/agent-run.types.js';
import type { Memory } from '../../api/v1alpha1/memory.types.js';
import { RUN_REASONS } from '../../api/v1alpha1/reasons.js';
import type { Blocked } from './state.types.js';

/**
 * Which Memory a run gets (docs/spec/v1alpha1/memory.md, "Which memory a run gets"): its own, its Agent's, else of those
 * with the capabilities that the provider needs the default, else the oldest when capabilities were asked for, else none.
 */
export function selectMemory(
  run: AgentRun,
  agent: Agent,
  provider: AgentProvider,
  memories: readonly Memory[],
): { kind: 'selected'; memory?: Memory } | Blocked {
  const reference = run.spec.memoryRef ?? agent.spec.memoryRef;
  if (reference) {
    const memory = memories.find(({ metadata }) => metadata.name === reference.name);
    if (memory) return { kind: 'selected', memory };
    const field = run.spec.memoryRef ? 'spec.memoryRef' : `spec.memoryRef of Agent "${agent.metadata.name}"`;
    const message = `Memory "${reference.name}" (${field}) is not in this namespace; create it, the run then goes on`;
    return { kind: 'blocked', reason: RUN_REASONS.MemoryNotFound, message };
  }
  const needed = provider.spec.memoryCapabilities ?? [];
  const fitting = memories
    .filter(({ spec }) => needed.every((capability) => spec.capabilities?.includes(capability)))
    .toSorted((a, b) => a.metadata.creationTimestamp.localeCompare(b.metadata.creationTimestamp));
  const chosen = fitting.find(({ spec }) => spec.default) ?? (needed.length > 0 ? fitting[0] : undefined);
  if (chosen) return { kind: 'selected', memory: chosen };
  if (needed.length === 0) return { kind: 'selected' };
  return {
    kind: 'blocked',
    reason: RUN_REASONS.MemoryCapabilityMissing,
    message: `no Memory of this namespace has the capabilities that AgentProvider "${provider.metadata.name}" needs (spec.memoryCapabilities: ${needed.join(', ')})`,
  };
}
