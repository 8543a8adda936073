import { formatTime } from '../../api/meta/condition.js';
import { boundText } from '../../api/meta/text.js';
import type { RunAttempt } from '../../api/v1alpha1/agent-run-status.types.js';
import { attemptNow } from './attempts.plan.js';
import type { CachedRun } from './cached-run.types.js';
import type { RunFacts, RunState } from './state.types.js';

/** As many as the schema takes; the first ones go. */
const KEPT = 10;

/**
 * The attempts of a run after a pass. One that has ended stays as it was written; times and identifiers of the one under way
 * are written once.
 * @param over whether the current attempt has ended: the run has, or waits for another one
 */
export function attemptsOf(run: CachedRun, state: RunState, facts: RunFacts, over: boolean, now: Date): RunAttempt[] {
  const { observation } = facts;
  const number = attemptNow(run);
  const attempts = run.status?.attempts ?? [];
  const before = attempts.find((each) => each.number === number);
  const runtimeRef = before?.runtimeRef ?? facts.ref ?? ('ref' in observation ? observation.ref : undefined);
  if (runtimeRef === undefined) return attempts;
  const createdAt = 'createdAt' in observation ? observation.createdAt : undefined;
  const startedAt = before?.startedAt ?? ('startedAt' in observation ? observation.startedAt : undefined);
  const endedAt = 'finishedAt' in observation ? observation.finishedAt : undefined;
  const finishedAt = before?.finishedAt ?? (over ? (endedAt ?? formatTime(now)) : undefined);
  const attempt: RunAttempt = {
    number,
    runtimeRef,
    submittedAt: before?.submittedAt ?? createdAt ?? formatTime(now),
    ...(startedAt !== undefined && { startedAt }),
    ...(finishedAt !== undefined && { finishedAt }),
    ...verdictOf(state, facts, before),
  };
  return [...attempts.filter((each) => each.number !== number), attempt].slice(-KEPT);
}

/** What was written down before the workload was stopped counts, whatever its end looks like. */
function verdictOf(state: RunState, { verdict, observation }: RunFacts, before: RunAttempt | undefined) {
  const exitCode = 'exitCode' in observation ? observation.exitCode : before?.exitCode;
  const recorded = before?.failureClass === undefined ? undefined : before;
  const judged = verdict ?? recorded ?? failureOf(state) ?? (observation.state === 'failed' ? observation : undefined);
  return {
    ...(judged?.failureClass !== undefined && { failureClass: judged.failureClass }),
    ...(exitCode !== undefined && { exitCode }),
    ...(judged?.message !== undefined && { message: boundText(judged.message) }),
  };
}

function failureOf(state: RunState) {
  if (state.kind === 'failed') return { failureClass: state.failureClass, message: state.message };
  return state.kind === 'retrying' ? state.failure : undefined;
}
