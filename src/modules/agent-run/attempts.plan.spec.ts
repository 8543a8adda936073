import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { anInput } from '../../../test/support/builders/run-input.js';
import { aRun, CREATED } from '../../../test/support/builders/objects.js';
import type { AgentRunStatus, ResolvedRun, RunAttempt } from '../../api/v1alpha1/agent-run-status.types.js';
import type { AgentRun, AgentRunSpec } from '../../api/v1alpha1/agent-run.types.js';
import { FAILURE_CLASSES, type FailureClass } from '../../api/v1alpha1/failure-class.js';
import type { Observation, WorkloadRef } from '../runtime/observation.types.js';
import { type Decision, planRun, type RunInput } from './agent-run.plan.js';
import { attemptNow, isRepeated, retryDueMs } from './attempts.plan.js';
import type { Queued } from './state.types.js';

const NOW = new Date('2026-01-01T00:10:00Z');
const ref: WorkloadRef = { type: 'job', name: 'j', namespace: 'team-a', uid: 'job-uid' };
const present = { ref, createdAt: CREATED };
const ABSENT: Observation = { state: 'absent' };
const RUNNING: Observation = { state: 'running', ...present, startedAt: CREATED };
const STOPPING: Observation = { state: 'stopping', ref };
const POLICY: ResolvedRun = { retryLimit: 2, retryBackoffSeconds: 10, retryOn: [], ttlSecondsAfterFinished: 60 };

const attempt = (number: number, more: Partial<RunAttempt> = {}): RunAttempt => ({
  number,
  runtimeRef: ref,
  submittedAt: CREATED,
  ...more,
});
const evicted = (number: number, finishedAt = '2026-01-01T00:09:00Z') =>
  attempt(number, { finishedAt, failureClass: 'Evicted', message: 'disk' });
const failed = (failureClass: FailureClass): Observation => ({
  state: 'failed',
  ...present,
  startedAt: CREATED,
  finishedAt: '2026-01-01T00:09:00Z',
  failureClass,
  message: 'why',
});

function run(attempts: RunAttempt[], spec: Partial<AgentRunSpec> = {}, policy: ResolvedRun = POLICY): AgentRun {
  return aRun(spec, { submittedAt: CREATED, runtimeRef: ref, attempts, resolved: policy });
}

function plan(of: AgentRun, observation: Observation, more: Partial<RunInput> = {}): Decision {
  return planRun(anInput(of, observation, more), NOW);
}

describe('the attempt that counts', () => {
  it.each<[string, RunAttempt[], number]>([
    ['is the first before there is any', [], 1],
    ['is the one under way', [evicted(1), attempt(2)], 2],
    ['is the next one once the last has ended', [evicted(1), evicted(2)], 3],
  ])('%s', (_name, attempts, expected) => {
    expect(attemptNow(run(attempts))).toBe(expected);
  });
});

describe('whether an attempt is repeated', () => {
  const ALWAYS = ['Evicted', 'WorkloadLost', 'RateLimited', 'CheckoutFailed', 'RuntimeError'];
  const ASKED = ['AgentError', 'Timeout', 'OutOfMemory'];

  it.each(FAILURE_CLASSES)(
    'depends on its class: %s [AgentRun spec.retry.on status.resolved.retryOn]',
    (failureClass) => {
      expect(isRepeated(failureClass, 1, POLICY)).toBe(ALWAYS.includes(failureClass));
      const asked = { ...POLICY, retryOn: ['AgentError', 'Timeout', 'OutOfMemory'] } satisfies ResolvedRun;
      expect(isRepeated(failureClass, 1, asked)).toBe(ALWAYS.includes(failureClass) || ASKED.includes(failureClass));
    },
  );

  it.each([
    [1, 0, false],
    [1, 1, true],
    [2, 1, false],
    [2, 2, true],
    [3, 2, false],
  ])(
    'attempt %i with a limit of %i: %s [AgentRun spec.retry.limit status.resolved.retryLimit]',
    (number, limit, expected) => {
      expect(isRepeated('Evicted', number, { ...POLICY, retryLimit: limit })).toBe(expected);
      const decision = plan(
        run(
          [...Array.from({ length: number - 1 }, (_, n) => evicted(n + 1)), attempt(number)],
          {},
          {
            ...POLICY,
            retryLimit: limit,
          },
        ),
        failed('Evicted'),
      );
      expect(decision.state?.kind).toBe(expected ? 'retrying' : 'failed');
    },
  );

  it('is no where nothing was resolved: a run of an older version has one attempt', () => {
    expect(isRepeated('Evicted', 1, {})).toBe(false);
  });
});

describe('when the next attempt is due', () => {
  const after = (number: number, policy: ResolvedRun, uid = 'u') =>
    (retryDueMs(aRun({}, undefined, { uid }), evicted(number), policy) - Date.parse('2026-01-01T00:09:00Z')) / 1000;

  it.each([
    ['the back-off', 1, 10, 10],
    ['twice as long each time', 4, 10, 80],
    ['an hour at the most', 12, 10, 3600],
    ['longer when the run asks for more than an hour', 1, 7200, 7200],
  ])(
    'is after %s, give or take a fifth [AgentRun spec.retry.backoffSeconds status.resolved.retryBackoffSeconds]',
    (_name, number, retryBackoffSeconds, expected) => {
      const seconds = after(number, { ...POLICY, retryBackoffSeconds });
      expect(seconds).toBeGreaterThanOrEqual(expected * 0.8);
      expect(seconds).toBeLessThanOrEqual(expected * 1.2);
    },
  );

  it('is the same on every replica, and spread over runs and attempts that failed together', () => {
    expect(after(1, POLICY)).toBe(after(1, POLICY));
    const spread = new Set(Array.from({ length: 20 }, (_, index) => after(1, POLICY, `uid-${index}`)));
    expect(spread.size).toBeGreaterThan(15);
    expect(after(2, POLICY) / 2).not.toBe(after(1, POLICY));
  });
});

describe('an attempt that ended', () => {
  const message = 'the last attempt failed, and another one follows after its back-off: Evicted: why';

  it('by what is repeated is written down, and its next one waits for its back-off', () => {
    const { state, requeueAfterMs, action } = plan(run([attempt(1)]), failed('Evicted'));
    expect(state).toEqual({ kind: 'retrying', message, failure: { failureClass: 'Evicted', message: 'why' } });
    expect(requeueAfterMs).toBeGreaterThan(0);
    expect(action).toBeUndefined();
  });

  it('by what is not repeated ends the run', () => {
    expect(plan(run([attempt(1)]), failed('AuthFailed')).state).toMatchObject({
      kind: 'failed',
      failureClass: 'AuthFailed',
    });
  });

  it('is not repeated when the run is to be cancelled', () => {
    expect(plan(run([attempt(1)], { cancel: true }), failed('Evicted')).state).toMatchObject({ kind: 'cancelled' });
    expect(plan(run([attempt(1)], { cancel: true }), failed('AuthFailed')).state).toMatchObject({ kind: 'failed' });
  });

  it('because its workload vanished is repeated, once that was confirmed', () => {
    expect(plan(run([attempt(1)]), ABSENT, { confirmed: false }).unconfirmed).toBe(true);
    expect(plan(run([attempt(1)]), ABSENT).state).toMatchObject({
      kind: 'retrying',
      failure: { failureClass: 'WorkloadLost' },
    });
  });

  it('by a verdict that was written down is repeated by that class, once its workload is gone', () => {
    const judged = attempt(1, { failureClass: 'Timeout', message: 'late' });
    const asked = { ...POLICY, retryOn: ['Timeout'] } satisfies ResolvedRun;
    expect(plan(run([judged], {}, asked), RUNNING)).toMatchObject({ action: { kind: 'stop', attempt: 1 } });
    expect(plan(run([judged], {}, asked), STOPPING).state).toMatchObject({ kind: 'stopping' });
    expect(plan(run([judged], {}, asked), ABSENT).state).toMatchObject({
      kind: 'retrying',
      failure: { failureClass: 'Timeout' },
    });
    expect(plan(run([judged]), ABSENT).state).toMatchObject({ kind: 'failed', failureClass: 'Timeout' });
  });

  it('on a node that does not answer is not repeated until its pod is gone', () => {
    const silent: Observation = { ...STOPPING, graceEnds: '2026-01-01T00:09:00Z' };
    expect(plan(run([attempt(1)]), silent)).toEqual({
      state: { kind: 'unreachable', message: expect.stringContaining('node does not answer') },
    });
    expect(plan(run([attempt(1)]), ABSENT).state).toMatchObject({
      kind: 'retrying',
      failure: { failureClass: 'WorkloadLost' },
    });
  });

  it('of a run whose status was lost in a crash is repeated by the policy that was frozen', () => {
    const resolved = { image: 'i', executionSpecHash: 'h', agentGeneration: 1, providerGeneration: 1, ...POLICY };
    const { state } = plan(aRun(), failed('Evicted'), { resolved });
    expect(state).toMatchObject({ kind: 'retrying' });
  });
});

describe('between two attempts', () => {
  const early = [evicted(1, '2026-01-01T00:09:58Z')];
  const due = [evicted(1)];
  const queued: Queued = { kind: 'queued', reason: 'Queued', message: 'no slot' };
  const message = 'the last attempt failed, and another one follows after its back-off: Evicted: disk';
  const waiting = { kind: 'retrying', message } as const;

  it('the back-off is waited for without a slot', () => {
    const admit = () => {
      throw new Error('no slot is asked for');
    };
    const { state, requeueAfterMs } = plan(run(early), ABSENT, { admit, confirmed: false });
    expect(state).toEqual(waiting);
    expect(requeueAfterMs).toBeGreaterThan(5_000);
    expect(requeueAfterMs).toBeLessThan(10_001);
  });

  it.each<[string, AgentRun, Partial<RunInput>, Decision]>([
    ['the next one is made when it is due', run(due), {}, { action: { kind: 'retry', attempt: 2 } }],
    [
      'one that is due waits for a slot',
      run(due),
      { admit: () => queued },
      { state: { kind: 'retrying', message, blocked: { reason: 'Queued', message: 'no slot' } } },
    ],
    ['nothing is made while something of the last one ends', run(due), { earlier: STOPPING }, { state: waiting }],
    [
      'a last one that lives after all is stopped',
      run(due),
      { earlier: RUNNING },
      { action: { kind: 'stop', attempt: 1 } },
    ],
  ])('%s', (_name, of, more, expected) => {
    expect(plan(of, ABSENT, { confirmed: false, ...more })).toEqual(expected);
  });

  it('a cancel ends the run, once it is confirmed that the next one was not made', () => {
    const cancelled = run(due, { cancel: true });
    expect(plan(cancelled, ABSENT, { confirmed: false }).unconfirmed).toBe(true);
    expect(plan(cancelled, ABSENT).state).toEqual({ kind: 'cancelled', message: 'cancelled between two attempts' });
    expect(plan(cancelled, ABSENT, { earlier: STOPPING })).toEqual({ state: waiting });
    expect(plan(cancelled, RUNNING)).toMatchObject({
      state: { kind: 'stopping' },
      action: { kind: 'stop', attempt: 2 },
    });
  });

  it('one that a crash has left behind is followed', () => {
    const starting: Observation = { state: 'starting', ...present, progress: 'images', since: CREATED };
    expect(plan(run(due), starting).state).toEqual({ kind: 'starting', again: true });
    expect(plan(run(due), RUNNING).state).toEqual({ kind: 'running' });
    expect(plan(run(due), failed('Evicted')).state).toMatchObject({ kind: 'retrying' });
  });

  it('a deleted run makes no further one', () => {
    const deleting = { ...run(due), metadata: { ...run(due).metadata, deletionTimestamp: CREATED } };
    expect(plan(deleting, ABSENT)).toEqual({});
  });
});

describe('a finished run', () => {
  const over = (spec: Partial<AgentRunSpec> = {}, more: Partial<AgentRunStatus> = {}) =>
    aRun(spec, {
      finishedAt: '2026-01-01T00:09:30Z',
      conditions: [{ type: 'Finished', status: 'True', reason: 'Failed', message: '', lastTransitionTime: CREATED }],
      attempts: [evicted(1)],
      ...more,
    });
  const resolved = { resolved: POLICY };
  const expire = { action: { kind: 'expire' } };

  it.each<[string, AgentRun, Partial<RunInput>, object]>([
    ['is kept as long as was resolved', over({}, resolved), {}, { requeueAfterMs: 30_000 }],
    ['is deleted after that', over({}, { resolved: { ttlSecondsAfterFinished: 30 } }), {}, expire],
    [
      'is kept as long as its spec says by now',
      over({ ttlSecondsAfterFinished: 90 }, resolved),
      {},
      { requeueAfterMs: 60_000 },
    ],
    ['is deleted at once with a TTL of 0', over({ ttlSecondsAfterFinished: 0 }, resolved), {}, expire],
    [
      'that was never resolved is kept as its Agent or the operator says',
      over(),
      { defaultTtlSeconds: () => 40 },
      { requeueAfterMs: 10_000 },
    ],
    ['is not deleted while something of it ends', over({ ttlSecondsAfterFinished: 0 }), { earlier: STOPPING }, {}],
    [
      'is not deleted before what lives of it is stopped',
      over({ ttlSecondsAfterFinished: 0 }),
      { earlier: RUNNING },
      { action: { kind: 'stop', attempt: 1 } },
    ],
  ])(
    '%s [AgentRun spec.ttlSecondsAfterFinished status.resolved.ttlSecondsAfterFinished]',
    (_name, of, more, expected) => {
      expect(plan(of, ABSENT, more)).toEqual(expected);
    },
  );

  it('is not deleted twice', () => {
    const deleting = over({ ttlSecondsAfterFinished: 0 });
    deleting.metadata = { ...deleting.metadata, deletionTimestamp: CREATED };
    expect(plan(deleting, ABSENT)).toEqual({});
  });

  it('is never repeated', () => {
    const later = { resolved: { ...POLICY, retryLimit: 20 } };
    fc.assert(
      fc.property(
        fc.constantFrom(ABSENT, RUNNING, STOPPING, failed('Evicted')),
        fc.boolean(),
        (observation, confirmed) => {
          const { state, action } = plan(over({}, later), observation, { confirmed });
          expect(state).toBeUndefined();
          expect(action?.kind).not.toBe('retry');
        },
      ),
    );
  });
});
