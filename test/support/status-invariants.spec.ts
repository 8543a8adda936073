import type { Condition } from '../../src/api/meta/condition.js';
import { type CheckedObject, type CheckedStatus, checkStatusInvariants } from './status-invariants.js';

const T0 = '2026-01-13T09:00:00Z';
const T1 = '2026-01-13T09:01:00Z';

function condition(
  type: string,
  status: Condition['status'],
  reason: string,
  more: Partial<Condition> = {},
): Condition {
  return { type, status, reason, message: '', lastTransitionTime: T0, observedGeneration: 2, ...more };
}

function run(status: CheckedStatus, uid = 'uid-1'): CheckedObject {
  const metadata = { name: 'run', namespace: 'ns', uid, resourceVersion: '1', generation: 2, creationTimestamp: T0 };
  return { apiVersion: 'agents.proompteng.ai/v1alpha1', kind: 'AgentRun', metadata, status };
}

const ATTEMPT = { number: 1, runtimeRef: { name: 'job' }, submittedAt: T0, startedAt: T0 };
const FAILED_ATTEMPT = { ...ATTEMPT, finishedAt: T0, failureClass: 'Evicted' };

const RUNNING: CheckedStatus = {
  observedGeneration: 2,
  phase: 'Running',
  reason: 'Running',
  message: 'the agent is running',
  submittedAt: T0,
  startedAt: T0,
  runtimeRef: { name: 'job' },
  attempts: [ATTEMPT],
  conditions: [
    condition('Blocked', 'False', 'NotBlocked'),
    condition('InProgress', 'True', 'Running'),
    condition('Finished', 'False', 'NotFinished'),
  ],
};

const SUCCEEDED: CheckedStatus = {
  ...RUNNING,
  phase: 'Succeeded',
  reason: 'Succeeded',
  finishedAt: T1,
  attempts: [{ ...ATTEMPT, finishedAt: T1 }],
  conditions: [
    condition('Blocked', 'False', 'NotBlocked'),
    condition('InProgress', 'False', 'Succeeded', { lastTransitionTime: T1 }),
    condition('Finished', 'True', 'Succeeded', { lastTransitionTime: T1 }),
  ],
};

/** Spread over a status, takes the start out of it: JSON has no undefined. */
const NOT_STARTED = { startedAt: undefined } as unknown as Pick<CheckedStatus, 'phase'>;

const REPEATED: CheckedStatus = { ...RUNNING, attempts: [FAILED_ATTEMPT, { ...ATTEMPT, number: 2 }] };
const TEN = Array.from({ length: 10 }, (_, index) => ({ ...FAILED_ATTEMPT, number: index + 3 }));

const PENDING: CheckedStatus = {
  phase: 'Pending',
  conditions: [condition('InProgress', 'False', 'NotSubmitted'), condition('Finished', 'False', 'NotFinished')],
};

function conditionsOf(status: CheckedStatus): readonly Condition[] {
  return status.conditions ?? [];
}

function withCondition(status: CheckedStatus, changed: Condition): CheckedStatus {
  const others = conditionsOf(status).filter(({ type }) => type !== changed.type);
  return { ...status, conditions: [...others, changed] };
}

function withEnd(status: CheckedStatus, finishedAt: string | undefined): CheckedStatus {
  const copy = { ...status };
  delete copy.finishedAt;
  return finishedAt === undefined ? copy : { ...copy, finishedAt };
}

describe('checkStatusInvariants', () => {
  it.each([
    ['a running run', RUNNING, undefined],
    ['a run that succeeded', SUCCEEDED, RUNNING],
    ['a finished run that is looked at again', SUCCEEDED, SUCCEEDED],
    ['a run that is repeated', REPEATED, { ...RUNNING, attempts: [FAILED_ATTEMPT] }],
    ['a run whose first attempts were left out', { ...RUNNING, attempts: TEN }, undefined],
    [
      'a submitted run',
      withCondition({ ...RUNNING, ...NOT_STARTED, phase: 'Pending' }, condition('InProgress', 'True', 'Submitted')),
      undefined,
    ],
  ])('accepts %s', (_, status, before) => {
    const previous = before === undefined ? {} : { previous: run(before) };
    expect(() => checkStatusInvariants(run(status), previous)).not.toThrow();
  });

  it('accepts an object without a status', () => {
    const { apiVersion, kind, metadata } = run(RUNNING);
    expect(() => checkStatusInvariants({ apiVersion, kind, metadata })).not.toThrow();
  });

  interface Row {
    n: number;
    what: string;
    status: CheckedStatus;
    before?: CheckedStatus;
  }
  const at1 = { lastTransitionTime: T1 };
  const rows: Row[] = [
    { n: 1, what: 'a generation that the spec has not reached', status: { ...RUNNING, observedGeneration: 3 } },
    {
      n: 1,
      what: 'a condition of a later generation',
      status: withCondition(RUNNING, condition('Ready', 'False', 'No', { observedGeneration: 3 })),
    },
    { n: 2, what: 'a terminal run that runs again', status: withEnd(RUNNING, T1), before: SUCCEEDED },
    { n: 3, what: 'a phase that the conditions do not say', status: { ...RUNNING, ...NOT_STARTED, phase: 'Pending' } },
    { n: 4, what: 'an empty reason', status: withCondition(RUNNING, condition('Ready', 'False', '')) },
    { n: 4, what: 'a reason in words', status: { ...RUNNING, reason: 'not yet' } },
    {
      n: 5,
      what: 'a finished run that is blocked',
      status: withCondition(SUCCEEDED, condition('Blocked', 'True', 'Queued')),
    },
    { n: 6, what: 'an end before the end', status: withEnd(RUNNING, T1) },
    { n: 6, what: 'no end at the end', status: withEnd(SUCCEEDED, undefined) },
    { n: 7, what: 'a workload that was not submitted', status: { ...PENDING, runtimeRef: { name: 'job' } } },
    { n: 7, what: 'a submission without a workload', status: { ...PENDING, submittedAt: T0 } },
    { n: 8, what: 'a long message', status: { ...RUNNING, message: 'ä'.repeat(513) } },
    { n: 9, what: 'a secret value', status: { ...RUNNING, message: 'token is hunter"2' } },
    {
      n: 10,
      what: 'a condition twice',
      status: {
        ...RUNNING,
        conditions: [condition('Ready', 'False', 'No'), condition('Ready', 'False', 'No'), ...conditionsOf(RUNNING)],
      },
    },
    {
      n: 11,
      what: 'a time that moves alone',
      status: withCondition(RUNNING, condition('Blocked', 'False', 'NotBlocked', at1)),
      before: RUNNING,
    },
    {
      n: 13,
      what: 'a run that started and is Pending',
      status: withCondition({ ...RUNNING, phase: 'Pending' }, condition('InProgress', 'True', 'Submitted')),
    },
    { n: 14, what: 'no attempt of a submitted run', status: { ...RUNNING, attempts: [] } },
    {
      n: 14,
      what: 'a number left out',
      status: { ...REPEATED, attempts: [FAILED_ATTEMPT, { ...ATTEMPT, number: 3 }] },
    },
    { n: 14, what: 'too early forgetting', status: { ...RUNNING, attempts: TEN.slice(1) } },
    { n: 14, what: 'eleven attempts', status: { ...RUNNING, attempts: [...TEN, { ...ATTEMPT, number: 13 }] } },
    {
      n: 15,
      what: 'a second attempt beside one that goes on',
      status: { ...REPEATED, attempts: [ATTEMPT, { ...ATTEMPT, number: 2 }] },
    },
    { n: 15, what: 'an attempt that outlives its run', status: { ...SUCCEEDED, attempts: [ATTEMPT] } },
    {
      n: 16,
      what: 'an attempt that ended and fails otherwise',
      status: {
        ...REPEATED,
        attempts: [
          { ...FAILED_ATTEMPT, failureClass: 'Timeout' },
          { ...ATTEMPT, number: 2 },
        ],
      },
      before: REPEATED,
    },
    { n: 17, what: 'the workload of an earlier attempt', status: { ...REPEATED, runtimeRef: { name: 'job-0' } } },
    { n: 12, what: 'a start that moves', status: { ...RUNNING, startedAt: T1 }, before: RUNNING },
  ];

  it.each(rows)('names invariant $n for $what', ({ n, status, before }) => {
    const previous = before === undefined ? {} : { previous: run(before) };
    const check = () => checkStatusInvariants(run(status), { ...previous, secrets: ['hunter"2'] });
    expect(check).toThrow(`\n  ${n}: `);
  });

  it('lists all that are violated at once', () => {
    const wrong = run({ ...RUNNING, ...NOT_STARTED, phase: 'Pending', observedGeneration: 9 });
    expect(() => checkStatusInvariants(wrong)).toThrow(/run violates 2 status invariants:\n {2}1: .*\n {2}3: /);
  });

  it('compares nothing with a namesake', () => {
    expect(() => checkStatusInvariants(run(RUNNING), { previous: run(SUCCEEDED, 'other') })).not.toThrow();
  });

  it('checks no phases of other kinds', () => {
    const agent = { ...run({ conditions: [condition('Ready', 'True', 'Ready')] }), kind: 'Agent' };
    expect(() => checkStatusInvariants(agent)).not.toThrow();
  });
});
