import type { AgentRunStatus } from '../../api/v1alpha1/agent-run-status.types.js';
import type { AgentRun } from '../../api/v1alpha1/agent-run.types.js';

/** How long one stage of a run took; Kubernetes' times are whole seconds. */
export interface Latency {
  stage: 'submit' | 'queue' | 'start' | 'run';
  seconds: number;
}

/** The stages that a new status has ended. */
export function latenciesBetween({ metadata, status: previous }: AgentRun, next: AgentRunStatus): Latency[] {
  const stages: [Latency['stage'], ended: 'submittedAt' | 'startedAt' | 'finishedAt', begun: string | undefined][] = [
    ['submit', 'submittedAt', metadata.creationTimestamp],
    ['queue', 'submittedAt', next.queuedAt],
    ['start', 'startedAt', next.attempts?.at(-1)?.submittedAt ?? next.submittedAt],
    ['run', 'finishedAt', next.startedAt],
  ];
  return stages.flatMap(([stage, ended, begun]) => {
    const end = next[ended];
    if (previous?.[ended] !== undefined || end === undefined || begun === undefined) return [];
    // Two clocks, the node's and the API server's, can disagree by a second.
    return [{ stage, seconds: Math.max(0, (Date.parse(end) - Date.parse(begun)) / 1000) }];
  });
}
