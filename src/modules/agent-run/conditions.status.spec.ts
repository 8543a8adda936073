import { describe, expect, it } from '@jest/globals';
import { mergeConditions } from '../../api/meta/condition.js';
import { conditionsOf, phaseOf } from './conditions.status.js';
import type { RunState } from './state.types.js';

const NOW = new Date('2026-01-01T00:00:00Z');
const TYPES = ['Accepted', 'InvalidSpec', 'Blocked', 'InProgress', 'Succeeded', 'Failed', 'Ready', 'Finished'] as const;

/** `True(Reason)` where the reason is part of the table, else the status alone. */
function row(state: RunState, withReasons: readonly string[] = []): string {
  const conditions = conditionsOf(state, undefined);
  return TYPES.map((type) => {
    const condition = conditions.find((candidate) => candidate.type === type);
    return withReasons.includes(type) ? `${condition?.status}(${condition?.reason})` : condition?.status;
  }).join(' ');
}

describe('the condition table of a run', () => {
  const message = 'why';

  it.each<[string, RunState, phase: string, row: string]>([
    [
      'a reference is missing',
      { kind: 'blocked', reason: 'AgentNotFound', message },
      'Pending',
      'Unknown False True(AgentNotFound) False Unknown False False False',
    ],
    [
      'submitted, not started',
      { kind: 'starting' },
      'Pending',
      'True False False(NotBlocked) True(Submitted) Unknown False False False',
    ],
    [
      'submitted, no node',
      { kind: 'starting', waiting: { reason: 'Unschedulable', message } },
      'Pending',
      'True False True(Unschedulable) True(Submitted) Unknown False False False',
    ],
    [
      'accepted, no slot',
      { kind: 'queued', reason: 'Queued', message },
      'Pending',
      'True False True(Queued) False Unknown False False False',
    ],
    [
      'accepted, and its Agent is paused',
      { kind: 'queued', reason: 'AgentPaused', message },
      'Pending',
      'True False True(AgentPaused) False Unknown False False False',
    ],
    [
      'between attempts',
      { kind: 'retrying', message },
      'Running',
      'True False False(NotBlocked) True(Retrying) Unknown False False False',
    ],
    [
      'between attempts, the back-off is over and no slot is free',
      { kind: 'retrying', message, blocked: { reason: 'Queued', message } },
      'Running',
      'True False True(Queued) True(Retrying) Unknown False False False',
    ],
    [
      'a further attempt submitted, not started',
      { kind: 'starting', again: true },
      'Running',
      'True False False(NotBlocked) True(Retrying) Unknown False False False',
    ],
    [
      'a further attempt submitted, no node',
      { kind: 'starting', again: true, waiting: { reason: 'Unschedulable', message } },
      'Running',
      'True False True(Unschedulable) True(Retrying) Unknown False False False',
    ],
    ['running', { kind: 'running' }, 'Running', 'True False False(NotBlocked) True(Running) Unknown False False False'],
    [
      'stopping',
      { kind: 'stopping', message },
      'Running',
      'True False False(NotBlocked) True(Stopping) Unknown False False False',
    ],
    [
      'node unreachable',
      { kind: 'unreachable', message },
      'Running',
      'True False True(NodeUnreachable) True(Running) Unknown False False False',
    ],
    [
      'succeeded',
      { kind: 'succeeded', message },
      'Succeeded',
      'True False False False True(Succeeded) False True(Succeeded) True(Succeeded)',
    ],
    [
      'failed',
      { kind: 'failed', failureClass: 'Timeout', message },
      'Failed',
      'True False False False False(Timeout) True(Timeout) False(Timeout) True(Failed)',
    ],
    [
      'cancelled',
      { kind: 'cancelled', message },
      'Cancelled',
      'Unknown False False False False(Cancelled) False False(Cancelled) True(Cancelled)',
    ],
    [
      'invalid',
      { kind: 'invalid', reason: 'SecretNotAllowed', message },
      'Failed',
      'False(SecretNotAllowed) True(SecretNotAllowed) False False False(InvalidSpec) True(InvalidSpec) False True(Failed)',
    ],
  ])('%s [AgentRun status.phase status.conditions.{type,status,reason}]', (_name, state, phase, expected) => {
    const reasons = TYPES.filter((_type, index) => expected.split(' ')[index]?.includes('('));
    expect(row(state, reasons)).toBe(expected);
    expect(phaseOf(conditionsOf(state, undefined))).toBe(phase);
  });

  it('is Stalled only when failed or cancelled', () => {
    const stalled = (state: RunState) => conditionsOf(state, undefined).find(({ type }) => type === 'Stalled');
    expect(stalled({ kind: 'failed', failureClass: 'Evicted', message })).toEqual({
      type: 'Stalled',
      status: 'True',
      reason: 'Evicted',
      message,
    });
    expect(stalled({ kind: 'cancelled', message })).toMatchObject({ status: 'True', reason: 'Cancelled' });
    expect(stalled({ kind: 'succeeded', message })).toBeUndefined();
    expect(stalled({ kind: 'running' })).toBeUndefined();
  });

  it('keeps what was said of the acceptance of a run that is cancelled', () => {
    const running = mergeConditions(undefined, conditionsOf({ kind: 'running' }, undefined), NOW, 1);
    const cancelled = conditionsOf({ kind: 'cancelled', message }, running);
    expect(cancelled[0]).toMatchObject({ type: 'Accepted', status: 'True' });
  });

  it('clears Blocked when the run goes on', () => {
    const blocked = mergeConditions(
      undefined,
      conditionsOf({ kind: 'blocked', reason: 'AgentNotFound', message }, undefined),
      NOW,
      1,
    );
    const running = conditionsOf({ kind: 'running' }, blocked);
    expect(running.find(({ type }) => type === 'Blocked')).toEqual({
      type: 'Blocked',
      status: 'False',
      reason: 'NotBlocked',
      message: '',
    });
  });
});
