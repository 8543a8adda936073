/** Phases of an AgentRun; computed from the conditions and never read back. */
export const RUN_PHASES = ['Pending', 'Running', 'Succeeded', 'Failed', 'Cancelled'] as const;

export type RunPhase = (typeof RUN_PHASES)[number];
