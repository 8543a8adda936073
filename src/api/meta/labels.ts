const PREFIX = 'agents.proompteng.ai';

/** Labels of every object made for a run; values go through `labelValue`. */
export const LABELS = {
  /** Name of the AgentRun. */
  agentRun: `${PREFIX}/agent-run`,
  /** Its uid: what selects a run's objects, since names are used again. */
  agentRunUid: `${PREFIX}/agent-run-uid`,
  /** Name of the Agent. */
  agent: `${PREFIX}/agent`,
  /** Name of the AgentProvider. */
  provider: `${PREFIX}/provider`,
  /** Number of the attempt, from 1. */
  attempt: `${PREFIX}/attempt`,
} as const;
