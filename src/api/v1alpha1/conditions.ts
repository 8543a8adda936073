/** Types of the conditions in `status.conditions`, with what True means. */
export const CONDITIONS = {
  /** Agent, AgentProvider, ImplementationSpec, ImplementationSource, Memory: usable. AgentRun: it succeeded. */
  Ready: 'Ready',
  /** AgentRun: every reference resolved and every policy allowed it. */
  Accepted: 'Accepted',
  /** AgentRun: the run itself is wrong; no wait will change that. */
  InvalidSpec: 'InvalidSpec',
  /** AgentRun: it waits for something outside of it; the reason says for what. */
  Blocked: 'Blocked',
  /** AgentRun: a workload was submitted and the run is not over. */
  InProgress: 'InProgress',
  /** AgentRun: the last attempt succeeded. */
  Succeeded: 'Succeeded',
  /** AgentRun: the run failed for good; the reason is the failure class. */
  Failed: 'Failed',
  /** AgentRun: True in every terminal state, the reason is the phase; the one thing to wait for. */
  Finished: 'Finished',
  /** AgentRun: present and True only when failed or cancelled (kstatus). */
  Stalled: 'Stalled',
  /** Agent: runs in a row failed for want of quota or rights; queued runs wait, one probe run per back-off. */
  Paused: 'Paused',
  /** ImplementationSpec with an upstream: the text is what the tracker has. */
  Synced: 'Synced',
  /** Memory: the last health check reached the backend. */
  Healthy: 'Healthy',
} as const;

export type ConditionType = (typeof CONDITIONS)[keyof typeof CONDITIONS];
