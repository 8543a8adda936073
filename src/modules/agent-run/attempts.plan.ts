import type { ResolvedRun, RunAttempt } from '../../api/v1alpha1/agent-run-status.types.js';
import { ALWAYS_RETRIED_CLASSES, type FailureClass } from '../../api/v1alpha1/failure-class.js';
import { boundText } from '../../api/meta/text.js';
import { backOffMs } from '../../domain/back-off.js';
import { contentHash } from '../../domain/content-hash.js';
import type { CachedRun } from './cached-run.types.js';
import type { AttemptFailure } from './state.types.js';

/** However often a run was repeated, and unless it asks for more itself, the next attempt comes within the hour. */
const MAX_BACK_OFF_MS = 60 * 60 * 1000;
/** What failed together must not come back together. */
const JITTER = 0.2;

/** The current attempt, or the last one when it has ended. */
export function lastAttempt(run: CachedRun): RunAttempt | undefined {
  return run.status?.attempts?.at(-1);
}

/** The attempt whose workload counts now: the one under way; once that has ended, the next, which a crash may have made. */
export function attemptNow(run: CachedRun): number {
  const last = lastAttempt(run);
  if (last === undefined) return 1;
  return last.finishedAt === undefined ? last.number : last.number + 1;
}

/** What is written down about an attempt. */
export function attemptOf(run: CachedRun, number: number): RunAttempt | undefined {
  return run.status?.attempts?.find((attempt) => attempt.number === number);
}

/** Whether an attempt that failed with that class is repeated: by its class, and as often as the policy allows. */
export function isRepeated(failureClass: FailureClass, attempt: number, policy: ResolvedRun): boolean {
  if (attempt > (policy.retryLimit ?? 0)) return false;
  const asked: readonly FailureClass[] = policy.retryOn ?? [];
  return ALWAYS_RETRIED_CLASSES.some((each) => each === failureClass) || asked.includes(failureClass);
}

/**
 * When the attempt after that one is due, as a time in milliseconds. The jitter comes from the run's uid and the attempt's
 * number, so that every replica, and the same one after a restart, comes to the same time.
 */
export function retryDueMs(run: CachedRun, ended: RunAttempt, { retryBackoffSeconds = 1 }: ResolvedRun): number {
  const initialMs = retryBackoffSeconds * 1000;
  const backOff = { initialMs, maxMs: Math.max(initialMs, MAX_BACK_OFF_MS), jitter: JITTER };
  const random = () => Number.parseInt(contentHash(`${run.metadata.uid}/${ended.number}`).slice(0, 8), 16) / 2 ** 32;
  return Date.parse(ended.finishedAt ?? '') + backOffMs(backOff, ended.number, random);
}

/** What a run between two attempts says; it holds no number, and stays the same until the next attempt. */
export function retryMessage({ failureClass = 'RuntimeError', message = '' }: Partial<AttemptFailure>): string {
  return boundText(
    `the last attempt failed, and another one follows after its back-off: ${failureClass}: ${boundText(message)}`,
  );
}
