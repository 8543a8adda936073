import { keyOf } from '../../../api/meta/key.js';
import type { AgentRun } from '../../../api/v1alpha1/agent-run.types.js';
import { RUN_REASONS } from '../../../api/v1alpha1/reasons.js';
import { isFinished } from '../agent-run.plan.js';
import { lastAttempt } from '../attempts.plan.js';
import type { QueuedRun } from './shares.admission.js';

/** A run as the order sees it. */
export function queuedRun(run: AgentRun): QueuedRun {
  const { metadata, spec } = run;
  return {
    key: keyOf(metadata),
    uid: metadata.uid,
    namespace: metadata.namespace ?? '',
    agent: spec.agentRef.name,
    priority: spec.priority ?? 0,
    createdAt: metadata.creationTimestamp,
    attempt: lastAttempt(run)?.number ?? 0,
  };
}

/** From its submission until its attempt has ended; what the node of an unreachable pod does still costs. */
export function holdsSlot(run: AgentRun): boolean {
  const { status } = run;
  const isSubmitted = status?.submittedAt !== undefined && !isFinished(run);
  return isSubmitted && lastAttempt(run)?.finishedAt === undefined;
}

/** It was told to wait, by an earlier process perhaps, and nothing else has come between. */
export function waitsForSlot(run: AgentRun): boolean {
  const reason = run.status?.reason;
  const wasQueued = reason === RUN_REASONS.Queued || reason === RUN_REASONS.AgentPaused;
  return wasQueued && run.metadata.deletionTimestamp === undefined && !isFinished(run);
}

/** When a workload of the run was last submitted, as far as that is cached; empty: never. */
export function lastSubmittedAt(run: AgentRun): string {
  return lastAttempt(run)?.submittedAt ?? run.status?.submittedAt ?? '';
}
