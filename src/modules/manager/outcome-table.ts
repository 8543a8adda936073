import { describeError } from '../../domain/describe-error.js';
import { ApiError, isConflict } from '../kubernetes/api-error.js';
import type { Outcome } from './outcome.js';
import type { DelayCause } from './work-queue.js';

/** The closed set of the label `result`. */
export const PASS_RESULTS = ['success', 'requeue_after', 'terminal', 'conflict', 'error', 'aborted'] as const;
export type PassResult = (typeof PASS_RESULTS)[number];

/** How a pass ended: with what it returned or with what it threw. */
export type PassEnd = { readonly outcome: Outcome } | { readonly error: unknown };

/** Why the loop aborted the pass, if it did. */
export type Interruption = 'timeout' | 'stopping';

export type QueueAction =
  /** The back-off ends; the next event wakes the key. */
  | { readonly kind: 'forget' }
  /** The back-off ends; the key comes back after this time. */
  | { readonly kind: 'forgetAndAddAfter'; readonly ms: number; readonly cause: DelayCause }
  /** The back-off grows; the key comes back after it, or later when the server asked for that. */
  | { readonly kind: 'addRateLimited'; readonly atLeastMs: number };

export interface LogLine {
  readonly level: 'debug' | 'warn' | 'error';
  readonly message: string;
  readonly fields: object;
}

export interface Verdict {
  readonly result: PassResult;
  readonly queue: QueueAction;
  readonly log?: LogLine;
}

/** There is no "requeue now": a pass that asks for less than this would spin. */
const MIN_REQUEUE_MS = 100;

/** The outcome table (ARCHITECTURE.md, "Outcomes of a pass"): what follows from the end of a pass. */
export function judge(end: PassEnd, interruption: Interruption | undefined): Verdict {
  return 'outcome' in end ? judgeOutcome(end.outcome) : judgeError(end.error, interruption);
}

function judgeOutcome(outcome: Outcome): Verdict {
  switch (outcome.kind) {
    case 'done':
      return { result: 'success', queue: { kind: 'forget' } };
    case 'terminal':
      return { result: 'terminal', queue: { kind: 'forget' } };
    case 'requeueAfter':
      return comeBack(outcome.ms, 'timer');
    case 'retryAfter':
      return comeBack(outcome.ms, 'retry');
  }
}

function comeBack(askedMs: number, cause: DelayCause): Verdict {
  // Written so that NaN, too, becomes the minimum.
  const ms = askedMs > MIN_REQUEUE_MS ? askedMs : MIN_REQUEUE_MS;
  return { result: 'requeue_after', queue: { kind: 'forgetAndAddAfter', ms, cause } };
}

function judgeError(error: unknown, interruption: Interruption | undefined): Verdict {
  const again = { kind: 'addRateLimited', atLeastMs: 0 } as const;
  if (interruption === 'stopping') {
    return { result: 'aborted', queue: again, log: line('debug', 'the pass was aborted by the stop', {}) };
  }
  if (isConflict(error)) {
    // Someone else wrote first, which is what resourceVersion is for: nothing an operator has to know.
    return {
      result: 'conflict',
      queue: again,
      log: line('debug', 'the object changed meanwhile', { err: describeError(error, false) }),
    };
  }
  if (interruption === 'timeout') {
    return {
      result: 'error',
      queue: again,
      log: line('warn', 'the pass ran into its timeout', { err: describeError(error, false) }),
    };
  }
  if (error instanceof ApiError) {
    const queue = { kind: 'addRateLimited', atLeastMs: error.retryAfterMs ?? 0 } as const;
    return {
      result: 'error',
      queue,
      log: line('warn', 'the pass failed and is tried again', { err: describeError(error, false) }),
    };
  }
  return {
    result: 'error',
    queue: again,
    log: line('error', 'the pass failed unexpectedly', { err: describeError(error, true) }),
  };
}

function line(level: LogLine['level'], message: string, fields: object): LogLine {
  return { level, message, fields };
}
