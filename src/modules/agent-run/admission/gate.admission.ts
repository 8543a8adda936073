import type { Agent } from '../../../api/v1alpha1/agent.types.js';
import { RUN_REASONS } from '../../../api/v1alpha1/reasons.js';
import type { Pause } from './outage-streak.admission.js';

/** How many slots an agent may hold now, and what its runs that wait are told. */
export interface Gate {
  readonly slots: number;
  readonly reason: 'Queued' | 'AgentPaused';
  /** The same for all runs of the agent for as long as nothing but time passes: each other text would be a write. */
  readonly message: string;
  /** In how many milliseconds a probe may start; absent when nothing changes by itself. */
  readonly opensInMs?: number;
}

/** What an agent may hold by what its Agent says; the operator's limit is for one that does not say, and one that is gone. */
export interface AgentSlots {
  readonly name: string;
  readonly agent: Agent | undefined;
  readonly maxRunsPerAgent: number;
}

export function gateOf({ name, agent, maxRunsPerAgent }: AgentSlots, pause: Pause | undefined, now: Date): Gate {
  const slots = agent?.spec.limits?.maxConcurrentRuns ?? maxRunsPerAgent;
  if (slots === 0) {
    const message = `Agent "${name}" holds its runs back: spec.limits.maxConcurrentRuns is 0; raise it, the run then goes on`;
    return { slots, reason: RUN_REASONS.Queued, message };
  }
  if (pause === undefined) return { slots, reason: RUN_REASONS.Queued, message: QUEUED };
  const opensInMs = pause.probeAtMs - now.getTime();
  const message = `Agent "${name}" is paused: its service turned its last runs away; single runs are tried, and when one gets through the others go on`;
  const paused = { reason: RUN_REASONS.AgentPaused, message };
  return opensInMs > 0 ? { ...paused, slots: 0, opensInMs } : { ...paused, slots: 1 };
}

const QUEUED = 'all slots that the run could have are taken; it starts when it is its turn';
