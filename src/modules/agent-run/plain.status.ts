import type { AgentRunStatus, RunAttempt } from '../../api/v1alpha1/agent-run-status.types.js';

const LEFT_OUT = 'the details were left out: the API server found them invalid';

/**
 * A status without what others worded or counted: the runner, the agent, the cluster. What is left is this program's own
 * and always valid, so a run whose details are refused still gets to its end.
 * @param stored what the API server has: an attempt that had ended there is valid as it is
 */
export function withoutDetails(status: AgentRunStatus, stored: AgentRunStatus | undefined): AgentRunStatus {
  const plain: AgentRunStatus = { ...status, message: LEFT_OUT };
  delete plain.artifacts;
  delete plain.usage;
  delete plain.outputs;
  if (status.conditions) plain.conditions = status.conditions.map((each) => ({ ...each, message: LEFT_OUT }));
  if (status.attempts)
    plain.attempts = status.attempts.map((attempt) => ended(stored, attempt) ?? plainAttempt(attempt));
  return plain;
}

function ended(stored: AgentRunStatus | undefined, { number }: RunAttempt): RunAttempt | undefined {
  return stored?.attempts?.find((attempt) => attempt.number === number && attempt.finishedAt !== undefined);
}

function plainAttempt(attempt: RunAttempt): RunAttempt {
  const plain: RunAttempt = { ...attempt, message: LEFT_OUT };
  delete plain.exitCode;
  return plain;
}
