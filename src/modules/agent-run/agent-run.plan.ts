import type { ResolvedRun } from '../../api/v1alpha1/agent-run-status.types.js';
import { CONDITIONS } from '../../api/v1alpha1/conditions.js';
import { findCondition } from '../../api/meta/condition.js';
import type { ExecutionSpec } from '../../domain/execution-spec.js';
import type { Observation } from '../runtime/observation.types.js';
import { attemptNow, attemptOf, isRepeated, lastAttempt, retryDueMs, retryMessage } from './attempts.plan.js';
import type { CachedRun } from './cached-run.types.js';
import { planEnd, planStart, planStop } from './deadlines.plan.js';
import type { Admitted, AttemptFailure, Resolution, Resolved, RunState } from './state.types.js';

/** Everything a decision needs. */
export interface RunInput {
  run: CachedRun;
  /** Of the attempt under way; once that has ended, of the next. */
  observation: Observation;
  /** Of the attempt before it, as far as a cache knows: it has ended, and nothing of it should live. */
  earlier: Observation;
  /** The run and the observation were read from the API server in this pass, not from a cache. */
  confirmed: boolean;
  /** Of a workload that the status does not know of yet: what its frozen spec says. */
  resolved?: Resolved;
  /** Asked for only while nothing was submitted: afterwards references are not read again. */
  resolve: () => Resolution;
  /** Asks for a slot; only when the run could be submitted if it got one. */
  admit: () => Admitted;
  /** How long a finished run is kept that was never resolved and does not say. */
  defaultTtlSeconds: () => number;
}

/** The one effect of a pass beside its status. */
export type Action =
  | { kind: 'submit'; execution: ExecutionSpec }
  /** Submits that attempt with what was frozen for the first one. */
  | { kind: 'retry'; attempt: number }
  | { kind: 'stop'; attempt: number }
  /** Deletes the run itself. */
  | { kind: 'expire' };

/** What a pass does. Without a state the status stays as it is. */
export interface Decision {
  state?: RunState;
  action?: Action;
  /** Failure that the current attempt is judged with before its workload is stopped; what comes later cannot change it. */
  verdict?: AttemptFailure;
  requeueAfterMs?: number;
  /** The verdict cannot be taken back and rests on a cache: read live and decide again. */
  unconfirmed?: true;
}

type Present = Exclude<Observation, { state: 'absent' }>;

/**
 * Decides one step of a run; first match wins (ARCHITECTURE.md, "The way of one AgentRun").
 * Level-based: any lost, doubled or late event leads to the same place.
 */
export function planRun(input: RunInput, now: Date): Decision {
  const { run, observation, earlier } = input;
  const attempt = attemptNow(run);
  // Made late by a leader that lost its Lease: no more than one workload of a run may live.
  if (isLive(earlier) && !isOrphaning(run)) return { action: { kind: 'stop', attempt: attempt - 1 } };
  if (isFinished(run)) return planFinished(input, now);
  if (run.metadata.deletionTimestamp !== undefined) return planDeleting(run, observation, now);
  const decision = decide(input, now);
  return isIrreversible(decision, observation) && !input.confirmed ? { ...decision, unconfirmed: true } : decision;
}

function decide(input: RunInput, now: Date): Decision {
  const { run, observation } = input;
  if (observation.state !== 'absent') return planSubmitted(input, observation, now);
  if (run.status?.submittedAt === undefined) return planUnsubmitted(input);
  return lastAttempt(run)?.finishedAt === undefined ? afterAbsence(input, now) : planRetry(input, now);
}

/**
 * Whether a verdict rests on what a cache does not hold: the workload, that it started after all, or the pod that says how
 * it ended and what it made.
 */
function isIrreversible({ state, verdict }: Decision, observation: Observation): boolean {
  if (verdict) return true;
  if (observation.state === 'absent') return state !== undefined && !isWaiting(state);
  return isOver(observation) && observation.startedAt === undefined;
}

/** Nothing is decided by such a state: it may be another one in the next pass. */
function isWaiting(state: RunState): boolean {
  if (state.kind === 'retrying') return state.failure === undefined;
  return state.kind === 'blocked' || state.kind === 'queued';
}

/** Whether a run is over; a terminal condition never flips. */
export function isFinished(run: CachedRun): boolean {
  return findCondition(run.status?.conditions, CONDITIONS.Finished)?.status === 'True';
}

/**
 * A finished run is kept for its TTL. That it is finished is read from the status that the API server has: its result is
 * stored.
 */
function planFinished({ run, observation, earlier, defaultTtlSeconds }: RunInput, now: Date): Decision {
  if (isLive(observation) && !isOrphaning(run)) return { action: { kind: 'stop', attempt: attemptNow(run) } };
  const { finishedAt, resolved } = run.status ?? {};
  if (run.metadata.deletionTimestamp !== undefined || finishedAt === undefined) return {};
  if (!isGone(observation) || !isGone(earlier)) return {};
  const seconds = run.spec.ttlSecondsAfterFinished ?? resolved?.ttlSecondsAfterFinished ?? defaultTtlSeconds();
  const inMs = Date.parse(finishedAt) + seconds * 1000 - now.getTime();
  return inMs <= 0 ? { action: { kind: 'expire' } } : { requeueAfterMs: inMs };
}

/**
 * The Job and the ConfigMap go with their owner, by the garbage collector. A run that a foreign finalizer keeps must not go on
 * burning until then; one that is deleted without its dependents (`--cascade=orphan`) leaves them as they are.
 */
function planDeleting(run: CachedRun, observation: Observation, now: Date): Decision {
  if (isOrphaning(run)) return {};
  if (observation.state === 'stopping') return planStopping(observation, DELETING, now);
  if (!isLive(observation)) return {};
  return { state: { kind: 'stopping', message: DELETING }, action: { kind: 'stop', attempt: attemptNow(run) } };
}

const DELETING = 'the run is being deleted; waiting for the workload to end';

function planSubmitted(input: RunInput, observation: Present, now: Date): Decision {
  const { run } = input;
  const attempt = attemptNow(run);
  const judged = recordedVerdict(run, attempt);
  if (judged && isOver(observation)) return afterFailure(input, judged, now);
  if (observation.state === 'succeeded') {
    return { state: { kind: 'succeeded', message: observation.report?.message ?? 'the agent succeeded' } };
  }
  if (observation.state === 'failed') {
    const { failureClass, message } = observation;
    return afterFailure(input, { failureClass, message }, now);
  }
  const ending = judged?.message ?? (run.spec.cancel ? CANCELLING : undefined);
  if (observation.state === 'stopping') {
    // The pod may be gone before its Job is judged, and with it what took it away.
    if (observation.disrupted && ending === undefined) return judge(observation.disrupted);
    return planStopping(observation, ending ?? 'the workload is being deleted, not by this control plane', now);
  }
  if (ending !== undefined) return { state: { kind: 'stopping', message: ending }, action: { kind: 'stop', attempt } };
  if (observation.state === 'running') return planRunning(observation, now);
  // A pod that ran and is gone, while its Job is not judged yet, looks like one that never was.
  if (attemptOf(run, attempt)?.startedAt !== undefined) return { state: { kind: 'running' } };
  return planStarting(observation, attempt, now);
}

const CANCELLING = 'cancelled by spec.cancel; waiting for the workload to end';

function planRunning(observation: Extract<Observation, { state: 'running' }>, now: Date): Decision {
  const { verdict, inMs } = planEnd(observation, now);
  return verdict ? judge(verdict) : { state: { kind: 'running' }, ...(inMs !== undefined && { requeueAfterMs: inMs }) };
}

function planStopping(observation: Extract<Observation, { state: 'stopping' }>, message: string, now: Date): Decision {
  const { unreachable, inMs } = planStop(observation, now);
  if (unreachable) return { state: { kind: 'unreachable', message: UNREACHABLE } };
  return { state: { kind: 'stopping', message }, ...(inMs !== undefined && { requeueAfterMs: inMs }) };
}

const UNREACHABLE =
  'the pod outlives its grace: its node does not answer; nothing is decided until the pod object is gone';

/** Recorded first and stopped in the pass that this write wakes: a crash in between must not lose the reason. */
function judge(verdict: AttemptFailure): Decision {
  return { state: { kind: 'stopping', message: verdict.message }, verdict };
}

function planStarting(observation: Extract<Observation, { state: 'starting' }>, attempt: number, now: Date): Decision {
  const { waiting, verdict, inMs } = planStart(observation, now);
  if (verdict) return judge(verdict);
  return {
    state: { kind: 'starting', ...(waiting && { waiting }), ...(attempt > 1 && { again: true }) },
    ...(inMs !== undefined && { requeueAfterMs: inMs }),
  };
}

function planUnsubmitted({ run, resolve, admit }: RunInput): Decision {
  if (run.spec.cancel) return { state: { kind: 'cancelled', message: 'cancelled before it was submitted' } };
  const resolution = resolve();
  switch (resolution.kind) {
    case 'blocked':
      return { state: resolution };
    case 'invalid':
      return { state: resolution };
    case 'ready': {
      const admitted = admit();
      if (admitted.kind === 'queued') return { state: admitted };
      return { action: { kind: 'submit', execution: resolution.execution } };
    }
  }
}

/** Between two attempts: the slot was given back, and the run's references count for nothing. */
function planRetry(input: RunInput, now: Date): Decision {
  const { run, earlier } = input;
  const attempt = attemptNow(run);
  if (run.spec.cancel && isGone(earlier)) {
    return { state: { kind: 'cancelled', message: 'cancelled between two attempts' } };
  }
  const last = lastAttempt(run) ?? { number: attempt - 1 };
  const message = retryMessage(last);
  const inMs = retryDueMs(run, last, policyOf(input)) - now.getTime();
  if (inMs > 0) return { state: { kind: 'retrying', message }, requeueAfterMs: inMs };
  // The cache will hear of its end.
  if (!isGone(earlier)) return { state: { kind: 'retrying', message } };
  const admitted = input.admit();
  if (admitted.kind === 'granted') return { action: { kind: 'retry', attempt } };
  return { state: { kind: 'retrying', message, blocked: { reason: admitted.reason, message: admitted.message } } };
}

/** An attempt's workload is gone: by a verdict that was written down before it was stopped, by cancel, or lost. */
function afterAbsence(input: RunInput, now: Date): Decision {
  const { run } = input;
  const attempt = attemptNow(run);
  const judged = recordedVerdict(run, attempt);
  if (judged) return afterFailure(input, judged, now);
  if (run.spec.cancel) {
    return { state: { kind: 'cancelled', message: 'cancelled by spec.cancel; the workload is gone' } };
  }
  return afterFailure(input, LOST, now);
}

const LOST: AttemptFailure = {
  failureClass: 'WorkloadLost',
  message: 'the workload vanished before it was finished: something else deleted it, or its node is gone',
};

/** An attempt has failed and nothing of it lives: the run fails with it, or another attempt follows. */
function afterFailure(input: RunInput, failure: AttemptFailure, now: Date): Decision {
  const { run, observation } = input;
  const attempt = attemptNow(run);
  const policy = policyOf(input);
  if (!isRepeated(failure.failureClass, attempt, policy)) return { state: { kind: 'failed', ...failure } };
  if (run.spec.cancel) {
    return {
      state: { kind: 'cancelled', message: 'cancelled by spec.cancel; the attempt that failed is not repeated' },
    };
  }
  const finishedAt = 'finishedAt' in observation ? observation.finishedAt : now.toISOString();
  const dueInMs = retryDueMs(run, { number: attempt, finishedAt }, policy) - now.getTime();
  return {
    state: { kind: 'retrying', message: retryMessage(failure), failure },
    requeueAfterMs: Math.max(dueInMs, 1),
  };
}

function policyOf({ run, resolved }: RunInput): ResolvedRun {
  return run.status?.resolved ?? resolved ?? {};
}

/** The failure that was written down before the workload of that attempt was stopped. */
function recordedVerdict(run: CachedRun, number: number): AttemptFailure | undefined {
  const { failureClass, message = '' } = attemptOf(run, number) ?? {};
  return failureClass && { failureClass, message };
}

/** Deleted without its dependents (`--cascade=orphan`): they are left as they are. */
function isOrphaning(run: CachedRun): boolean {
  return run.metadata.finalizers?.includes('orphan') ?? false;
}

function isLive(observation: Observation): boolean {
  return observation.state === 'starting' || observation.state === 'running';
}

function isOver(observation: Observation): observation is Extract<Observation, { state: 'succeeded' | 'failed' }> {
  return observation.state === 'succeeded' || observation.state === 'failed';
}

/** Whether nothing of a workload lives any more. */
export function isGone(observation: Observation): boolean {
  return observation.state === 'absent' || isOver(observation);
}
