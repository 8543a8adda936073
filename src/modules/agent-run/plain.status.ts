import type { AgentRunStatus, RunAttempt } from '../../api/v1alpha1/agent-run-status.types.js';

const LEFT_OUT = 'the details were left out: the API server found them invalid';

/**
 * A status without what others worded or counted: the runner, the agent, the cluster. What is left is this program's own
 * and always valid, so a run whose details are refused still gets to its end.
 */
export function withoutDetails(status: AgentRunStatus): AgentRunStatus {
  const plain: AgentRunStatus = { ...status, message: LEFT_OUT };
  delete plain.artifacts;
  delete plain.usage;
  delete plain.outputs;
  if (status.conditions) plain.conditions = status.conditions.map((each) => ({ ...each, message: LEFT_OUT }));
  if (status.attempts) plain.attempts = status.attempts.map(plainAttempt);
  return plain;
}

function plainAttempt(attempt: RunAttempt): RunAttempt {
  const plain: RunAttempt = { ...attempt, message: LEFT_OUT };
  delete plain.exitCode;
  return plain;
}
