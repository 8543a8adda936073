import type { RunAttempt, RuntimeReference } from '../../api/v1alpha1/agent-run-status.types.js';
import { INVALID_REASONS, RUN_REASONS } from '../../api/v1alpha1/reasons.js';
import type { Submission } from '../runtime/runtime-adapter.js';
import { retryMessage } from './attempts.plan.js';
import { SLOW_RETRY_MS } from './deadlines.plan.js';
import type { RunState } from './state.types.js';

/**
 * The state that a submission leaves a run in.
 * @param written the message that the run has
 * @param last the attempt before it, which failed; undefined for the first
 */
export function afterSubmission(
  submission: Submission,
  written?: string,
  last?: RunAttempt,
): { state: RunState; ref?: RuntimeReference; requeueAfterMs?: number } {
  switch (submission.kind) {
    case 'submitted':
      return { state: { kind: 'starting', ...(last && { again: true }) }, ref: submission.ref };
    case 'refused': {
      const { reason } = submission;
      const message = reason === 'Forbidden' ? steady(submission.message, written) : submission.message;
      const blocked = { reason: RUN_REASONS[reason], message };
      const state: RunState = last
        ? { kind: 'retrying', message: retryMessage(last), blocked }
        : { kind: 'blocked', ...blocked };
      return { state, requeueAfterMs: SLOW_RETRY_MS };
    }
    case 'rejected':
      // What was accepted once is not wrong with the run.
      if (last) return { state: { kind: 'failed', failureClass: 'RuntimeError', message: submission.message } };
      return {
        state: { kind: 'invalid', reason: INVALID_REASONS.WorkloadRejected, message: submission.message },
      };
    case 'nameConflict':
      return { state: { kind: 'failed', failureClass: 'NameConflict', message: submission.message } };
  }
}

/**
 * A policy's own words may hold a time, a count or an identifier. Written anew, each would wake the run, which is refused
 * again at once in other words: what differs in such parts alone stays as it was written.
 */
function steady(message: string, written: string | undefined): string {
  const words = (text: string) => text.replace(/[\da-f-]*\d[\da-f:.-]*/gi, '0');
  return written !== undefined && words(written) === words(message) ? written : message;
}
