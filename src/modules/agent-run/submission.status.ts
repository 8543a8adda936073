import type { RuntimeReference } from '../../api/v1alpha1/agent-run-status.types.js';
import { INVALID_REASONS, RUN_REASONS } from '../../api/v1alpha1/reasons.js';
import type { Submission } from '../runtime/runtime-adapter.js';
import { SLOW_RETRY_MS } from './deadlines.plan.js';
import type { RunState } from './state.types.js';

/** The state that a submission leaves a run in. */
export function afterSubmission(submission: Submission): {
  state: RunState;
  ref?: RuntimeReference;
  requeueAfterMs?: number;
} {
  switch (submission.kind) {
    case 'submitted':
      return { state: { kind: 'starting' }, ref: submission.ref };
    case 'refused':
      return {
        state: { kind: 'blocked', reason: RUN_REASONS[submission.reason], message: submission.message },
        requeueAfterMs: SLOW_RETRY_MS,
      };
    case 'rejected':
      return {
        state: { kind: 'invalid', reason: INVALID_REASONS.WorkloadRejected, message: submission.message },
      };
    case 'nameConflict':
      return { state: { kind: 'failed', failureClass: 'NameConflict', message: submission.message } };
  }
}
