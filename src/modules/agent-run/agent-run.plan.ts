import type { RunAttempt } from '../../api/v1alpha1/agent-run-status.types.js';
import type { AgentRun } from '../../api/v1alpha1/agent-run.types.js';
import { CONDITIONS } from '../../api/v1alpha1/conditions.js';
import { findCondition } from '../../api/meta/condition.js';
import type { ExecutionSpec } from '../../domain/execution-spec.js';
import type { Observation } from '../runtime/observation.types.js';
import { planEnd, planStart, planStop } from './deadlines.plan.js';
import type { Resolution, RunState } from './state.types.js';

/** Everything a decision needs. */
export interface RunInput {
  run: AgentRun;
  observation: Observation;
  /** The run and the observation were read from the API server in this pass, not from a cache. */
  confirmed: boolean;
  /** Asked for only while nothing was submitted: afterwards references are not read again. */
  resolve: () => Resolution;
}

/** The one effect of a pass beside its status. */
export type Action = { kind: 'submit'; execution: ExecutionSpec } | { kind: 'stop' };

/** What a pass does. Without a state the status stays as it is. */
export interface Decision {
  state?: RunState;
  action?: Action;
  /** Failure that the current attempt is judged with before its workload is stopped; what comes later cannot change it. */
  verdict?: Pick<RunAttempt, 'failureClass' | 'message'>;
  requeueAfterMs?: number;
  /** The verdict cannot be taken back and rests on a cache: read live and decide again. */
  unconfirmed?: true;
}

/**
 * Decides one step of a run; first match wins (ARCHITECTURE.md, "The way of one AgentRun").
 * Level-based: any lost, doubled or late event leads to the same place.
 */
export function planRun(input: RunInput, now: Date): Decision {
  const { run, observation } = input;
  if (isFinished(run)) return isLive(observation) ? { action: { kind: 'stop' } } : {};
  if (run.metadata.deletionTimestamp !== undefined) return planDeleting(run, observation, now);
  const decision = decide(input, now);
  return isIrreversible(decision, observation) && !input.confirmed ? { ...decision, unconfirmed: true } : decision;
}

function decide(input: RunInput, now: Date): Decision {
  const { run, observation } = input;
  if (observation.state !== 'absent') return planSubmitted(run, observation, now);
  return run.status?.submittedAt === undefined ? planUnsubmitted(input) : { state: afterAbsence(run) };
}

/**
 * Whether a verdict rests on what a cache does not hold: the workload, that it started after all, or the pod that says how
 * it ended and what it made.
 */
function isIrreversible({ state, verdict }: Decision, observation: Observation): boolean {
  if (verdict) return true;
  if (observation.state === 'absent') return state !== undefined && state.kind !== 'blocked';
  const isOver = observation.state === 'succeeded' || observation.state === 'failed';
  return isOver && observation.startedAt === undefined;
}

/** Whether a run is over; a terminal condition never flips. */
export function isFinished(run: AgentRun): boolean {
  return findCondition(run.status?.conditions, CONDITIONS.Finished)?.status === 'True';
}

/**
 * The Job and the ConfigMap go with their owner, by the garbage collector. A run that a foreign finalizer keeps must not go on
 * burning until then; one that is deleted without its dependents (`--cascade=orphan`) leaves them as they are.
 */
function planDeleting(run: AgentRun, observation: Observation, now: Date): Decision {
  if (run.metadata.finalizers?.includes('orphan')) return {};
  if (observation.state === 'stopping') return planStopping(observation, DELETING, now);
  return isLive(observation) ? { state: { kind: 'stopping', message: DELETING }, action: { kind: 'stop' } } : {};
}

const DELETING = 'the run is being deleted; waiting for the workload to end';

function planSubmitted(run: AgentRun, observation: Exclude<Observation, { state: 'absent' }>, now: Date): Decision {
  const judged = recordedVerdict(run);
  if (judged && (observation.state === 'succeeded' || observation.state === 'failed')) return { state: judged };
  if (observation.state === 'succeeded') {
    return { state: { kind: 'succeeded', message: observation.report?.message ?? 'the agent succeeded' } };
  }
  if (observation.state === 'failed') {
    return { state: { kind: 'failed', failureClass: observation.failureClass, message: observation.message } };
  }
  const ending = stoppingMessage(run);
  if (observation.state === 'stopping') {
    return planStopping(observation, ending ?? 'the workload is being deleted, not by this control plane', now);
  }
  if (ending !== undefined) return { state: { kind: 'stopping', message: ending }, action: { kind: 'stop' } };
  if (observation.state === 'running') return planRunning(observation, now);
  // A pod that ran and is gone, while its Job is not judged yet, looks like one that never was.
  return run.status?.startedAt === undefined ? planStarting(observation, now) : { state: { kind: 'running' } };
}

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
function judge(verdict: NonNullable<Decision['verdict']>): Decision {
  return { state: { kind: 'stopping', message: verdict.message ?? '' }, verdict };
}

function planStarting(observation: Extract<Observation, { state: 'starting' }>, now: Date): Decision {
  const { waiting, verdict, inMs } = planStart(observation, now);
  if (verdict) return judge(verdict);
  return {
    state: { kind: 'starting', ...(waiting && { waiting }) },
    ...(inMs !== undefined && { requeueAfterMs: inMs }),
  };
}

function planUnsubmitted({ run, resolve }: RunInput): Decision {
  if (run.spec.cancel) return { state: { kind: 'cancelled', message: 'cancelled before it was submitted' } };
  const resolution = resolve();
  switch (resolution.kind) {
    case 'blocked':
      return { state: resolution };
    case 'invalid':
      return { state: resolution };
    case 'ready':
      return { action: { kind: 'submit', execution: resolution.execution } };
  }
}

/** A submitted workload is gone: by cancel, by a verdict that was written down before it was stopped, or lost. */
function afterAbsence(run: AgentRun): RunState {
  const judged = recordedVerdict(run);
  if (judged) return judged;
  if (run.spec.cancel) return { kind: 'cancelled', message: 'cancelled by spec.cancel; the workload is gone' };
  return {
    kind: 'failed',
    failureClass: 'WorkloadLost',
    message: 'the workload vanished before it was finished: something else deleted it, or its node is gone',
  };
}

function stoppingMessage(run: AgentRun): string | undefined {
  const judged = recordedVerdict(run);
  if (judged) return judged.message;
  return run.spec.cancel ? 'cancelled by spec.cancel; waiting for the workload to end' : undefined;
}

/** The failure that was written down before the attempt's workload was stopped. */
function recordedVerdict(run: AgentRun): Extract<RunState, { kind: 'failed' }> | undefined {
  const attempt = run.status?.attempts?.at(-1);
  if (attempt?.failureClass === undefined) return undefined;
  return { kind: 'failed', failureClass: attempt.failureClass, message: attempt.message ?? '' };
}

function isLive(observation: Observation): boolean {
  return observation.state === 'starting' || observation.state === 'running';
}
