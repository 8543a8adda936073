import type { Lease } from '../kubernetes/wire.js';
import { claim, type LeaseObservation, type LeaseSpec, nextLookMs, nextStep, observe, release } from './lease.plan.js';

const NOW = new Date('2026-01-13T09:00:00.123Z');

function lease(spec?: LeaseSpec, resourceVersion = '1'): Lease {
  const metadata = { name: 'l', namespace: 'ns', uid: 'u', resourceVersion, creationTimestamp: '2026-01-13T08:00:00Z' };
  return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, ...(spec === undefined ? {} : { spec }) };
}

const held = (by: string, renewTime = 't1', leaseDurationSeconds = 15): LeaseSpec => ({
  holderIdentity: by,
  leaseDurationSeconds,
  renewTime,
});

function seen(spec: LeaseSpec | undefined, changedAtMs = 0): LeaseObservation {
  return { lease: lease(spec), changedAtMs };
}

describe('observe', () => {
  const first = observe(undefined, lease(held('other')), 1000);

  it('starts the clock of a record when it first sees it, whatever times the record holds', () => {
    expect(first.changedAtMs).toBe(1000);
  });

  it('keeps it while the record stays the same, also when something else of the object changed', () => {
    expect(observe(first, lease(held('other'), '2'), 9000).changedAtMs).toBe(1000);
  });

  it.each([
    ['a renewal', held('other', 't2')],
    ['another holder', held('third')],
    ['no holder', held('')],
  ])('starts anew with %s', (_, spec) => {
    expect(observe(first, lease(spec), 9000).changedAtMs).toBe(9000);
  });
});

describe('nextStep', () => {
  it.each([
    { row: 'creates a Lease that is missing', observation: undefined, nowMs: 0, step: 'create' },
    { row: 'takes a Lease without a record', observation: seen(undefined), nowMs: 0, step: 'take' },
    { row: 'takes a Lease that was released', observation: seen(held('', 't', 1)), nowMs: 0, step: 'take' },
    { row: 'renews its own', observation: seen(held('me')), nowMs: 0, step: 'renew' },
    { row: 'renews its own even when it is old', observation: seen(held('me')), nowMs: 60_000, step: 'renew' },
    { row: 'waits for another holder', observation: seen(held('other')), nowMs: 14_999, step: 'wait' },
    { row: 'takes the Lease of a silent holder', observation: seen(held('other')), nowMs: 15_000, step: 'take' },
    { row: 'counts from when it saw the change', observation: seen(held('other'), 500), nowMs: 15_499, step: 'wait' },
    { row: 'honours a longer promise', observation: seen(held('other', 't', 60)), nowMs: 59_999, step: 'wait' },
    { row: 'distrusts a shorter promise', observation: seen(held('other', 't', 1)), nowMs: 14_999, step: 'wait' },
  ])('$row', ({ observation, nowMs, step }) => {
    expect(nextStep(observation, 'me', nowMs)).toBe(step);
  });
});

describe('nextLookMs', () => {
  const running = seen(held('other'), 5000);
  it.each([
    { row: 'about a second after the last look', observation: running, nowMs: 6000, jitter: 0.5, lookMs: 7000 },
    { row: 'a fifth earlier', observation: running, nowMs: 6000, jitter: 0, lookMs: 6800 },
    { row: 'a fifth later', observation: running, nowMs: 6000, jitter: 1, lookMs: 7200 },
    { row: 'as soon as the Lease runs out', observation: running, nowMs: 19_400, jitter: 0, lookMs: 20_000 },
    { row: 'not all at once when it runs out', observation: running, nowMs: 19_400, jitter: 0.5, lookMs: 20_100 },
    {
      row: 'when a longer promise runs out',
      observation: seen(held('other', 't', 60)),
      nowMs: 59_900,
      jitter: 0,
      lookMs: 60_000,
    },
    {
      row: 'after its period when the Lease could not be taken',
      observation: running,
      nowMs: 20_000,
      jitter: 0,
      lookMs: 20_800,
    },
    { row: 'after its period when it knows no Lease', observation: undefined, nowMs: 6000, jitter: 0.5, lookMs: 7000 },
  ])('looks again $row', ({ observation, nowMs, jitter, lookMs }) => {
    expect(nextLookMs(observation, { startedMs: nowMs, nowMs, jitter })).toBe(lookMs);
  });

  it('counts the period from the start of the last look, however long that took', () => {
    expect(nextLookMs(running, { startedMs: 6000, nowMs: 11_000, jitter: 0.5 })).toBe(7000);
  });
});

describe('claim', () => {
  const time = '2026-01-13T09:00:00.123000Z';

  it('writes a first record with times of six digits', () => {
    expect(claim(undefined, 'me', NOW)).toEqual({
      holderIdentity: 'me',
      leaseDurationSeconds: 15,
      acquireTime: time,
      renewTime: time,
      leaseTransitions: 0,
    });
  });

  it('keeps when it became the holder, and counts no transition, on a renewal', () => {
    const renewed = claim({ ...held('me'), acquireTime: 't0', leaseTransitions: 3 }, 'me', NOW);
    expect(renewed).toMatchObject({ acquireTime: 't0', renewTime: time, leaseTransitions: 3 });
  });

  it('counts a transition when it takes over', () => {
    const taken = claim({ ...held('other'), acquireTime: 't0', leaseTransitions: 3 }, 'me', NOW);
    expect(taken).toMatchObject({ holderIdentity: 'me', acquireTime: time, leaseTransitions: 4 });
  });
});

describe('release', () => {
  it('leaves a record without a holder that keeps the count of transitions', () => {
    expect(release({ ...held('me'), leaseTransitions: 3 }, NOW)).toEqual({
      holderIdentity: '',
      leaseDurationSeconds: 1,
      renewTime: '2026-01-13T09:00:00.123000Z',
      leaseTransitions: 3,
    });
  });
});
