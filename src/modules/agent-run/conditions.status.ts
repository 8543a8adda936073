import type { Condition, DesiredCondition } from '../../api/meta/condition.js';
import { findCondition } from '../../api/meta/condition.js';
import { CONDITIONS, type ConditionType } from '../../api/v1alpha1/conditions.js';
import { RUN_REASONS } from '../../api/v1alpha1/reasons.js';
import type { RunPhase } from '../../api/v1alpha1/run-phase.js';
import type { RunState } from './state.types.js';

type Cell = [status: Condition['status'], reason: string, message?: string | undefined];

/** One row of the condition table (docs/spec/v1alpha1/agentrun.md, "Conditions"), without what follows from it. */
interface Row {
  accepted: Cell;
  invalid: Cell;
  blocked: Cell;
  inProgress: Cell;
  succeeded: Cell;
  failed: Cell;
  /** Set in terminal states alone. */
  phase?: Extract<RunPhase, 'Succeeded' | 'Failed' | 'Cancelled'>;
}

const R = RUN_REASONS;
const VALID: Cell = ['False', R.Valid];
const NOT_BLOCKED: Cell = ['False', R.NotBlocked];
const ACCEPTED: Cell = ['True', R.Accepted];
const UNDECIDED: Cell = ['Unknown', R.NotFinished];
const NOT_FAILED: Cell = ['False', R.NotFinished];

/**
 * The whole condition set of a state, computed anew each pass so that nothing sticks.
 * @param current the conditions so far: a cancelled run keeps what was said of its acceptance
 */
export function conditionsOf(state: RunState, current: readonly Condition[] | undefined): DesiredCondition[] {
  const row = rowOf(state, current);
  const terminal = row.phase !== undefined;
  const [, failedReason, failedMessage] = row.succeeded[0] === 'False' ? row.succeeded : row.failed;
  const ready: Cell =
    row.phase === 'Succeeded' ? ['True', R.Succeeded] : ['False', terminal ? failedReason : R.NotFinished];
  const conditions = [
    condition(CONDITIONS.Accepted, row.accepted),
    condition(CONDITIONS.InvalidSpec, row.invalid),
    condition(CONDITIONS.Blocked, row.blocked),
    condition(CONDITIONS.InProgress, row.inProgress),
    condition(CONDITIONS.Succeeded, row.succeeded),
    condition(CONDITIONS.Failed, row.failed),
    condition(CONDITIONS.Ready, ready),
    condition(CONDITIONS.Finished, row.phase ? ['True', row.phase] : ['False', R.NotFinished]),
  ];
  if (row.phase !== 'Failed' && row.phase !== 'Cancelled') return conditions;
  return [...conditions, condition(CONDITIONS.Stalled, ['True', failedReason, failedMessage])];
}

/** The phase that a condition set stands for; never read back from a status. */
export function phaseOf(conditions: readonly Pick<Condition, 'type' | 'status' | 'reason'>[]): RunPhase {
  const get = (type: ConditionType) => conditions.find((candidate) => candidate.type === type);
  const finished = get(CONDITIONS.Finished);
  if (finished?.status === 'True') {
    const terminal = (['Succeeded', 'Failed', 'Cancelled'] as const).find((phase) => phase === finished.reason);
    if (terminal) return terminal;
  }
  const inProgress = get(CONDITIONS.InProgress);
  return inProgress?.status === 'True' && inProgress.reason !== R.Submitted ? 'Running' : 'Pending';
}

function rowOf(state: RunState, current: readonly Condition[] | undefined): Row {
  switch (state.kind) {
    case 'blocked':
      return {
        ...waitingRow(['False', R.NotSubmitted]),
        accepted: ['Unknown', R.Pending, state.message],
        blocked: ['True', state.reason, state.message],
      };
    case 'queued':
      return {
        ...waitingRow(['False', R.NotSubmitted]),
        blocked: ['True', state.reason, state.message],
      };
    case 'starting':
      return {
        ...waitingRow(['True', state.again ? R.Retrying : R.Submitted]),
        ...(state.waiting && { blocked: ['True', state.waiting.reason, state.waiting.message] satisfies Cell }),
      };
    case 'retrying':
      return {
        ...waitingRow(['True', R.Retrying, state.message]),
        ...(state.blocked && { blocked: ['True', state.blocked.reason, state.blocked.message] satisfies Cell }),
      };
    case 'running':
      return waitingRow(['True', R.Running]);
    case 'stopping':
      return waitingRow(['True', R.Stopping, state.message]);
    case 'unreachable':
      return {
        ...waitingRow(['True', R.Running]),
        blocked: ['True', R.NodeUnreachable, state.message],
      };
    case 'succeeded':
      return {
        ...finishedRow('Succeeded'),
        accepted: ACCEPTED,
        succeeded: ['True', R.Succeeded, state.message],
        failed: ['False', R.Succeeded],
      };
    case 'failed':
      return {
        ...finishedRow('Failed'),
        accepted: ACCEPTED,
        succeeded: ['False', state.failureClass, state.message],
        failed: ['True', state.failureClass, state.message],
      };
    case 'cancelled':
      return {
        ...finishedRow('Cancelled'),
        accepted: acceptedSoFar(current),
        succeeded: ['False', R.Cancelled, state.message],
        failed: ['False', R.Cancelled],
      };
    case 'invalid':
      return {
        ...finishedRow('Failed'),
        accepted: ['False', state.reason, state.message],
        invalid: ['True', state.reason, state.message],
        succeeded: ['False', R.InvalidSpec, state.message],
        failed: ['True', R.InvalidSpec, state.message],
      };
  }
}

function waitingRow(inProgress: Cell): Row {
  return {
    accepted: ACCEPTED,
    invalid: VALID,
    blocked: NOT_BLOCKED,
    inProgress,
    succeeded: UNDECIDED,
    failed: NOT_FAILED,
  };
}

function finishedRow(phase: NonNullable<Row['phase']>) {
  return { invalid: VALID, blocked: NOT_BLOCKED, inProgress: ['False', phase] satisfies Cell, phase };
}

function acceptedSoFar(current: readonly Condition[] | undefined): Cell {
  const accepted = findCondition(current, CONDITIONS.Accepted);
  return accepted ? [accepted.status, accepted.reason, accepted.message] : ['Unknown', R.Pending];
}

function condition(type: ConditionType, [status, reason, message = '']: Cell): DesiredCondition {
  return { type, status, reason, message };
}
