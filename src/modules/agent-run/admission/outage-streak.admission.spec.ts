import fc from 'fast-check';
import { aRun } from '../../../../test/support/builders/objects.js';
import type { AgentRunStatus } from '../../../api/v1alpha1/agent-run-status.types.js';
import { type Ended, endedOf, OutageStreak } from './outage-streak.admission.js';

const LATER = new Date('2026-02-01T00:00:00Z');
const PROBE_MS = 60_000;
const MINUTE_MS = 60_000;

/** A time of that second after the start of the day. */
const at = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString().replace('.000', '');

function ended(uid: string, endedAt: number, verdict: Ended['verdict'] = 'AuthFailed', submittedAt = 0): Ended {
  return { uid, verdict, submittedAt: at(submittedAt), endedAt: at(endedAt) };
}

function aStreak(...runs: readonly Ended[]): OutageStreak {
  const streak = new OutageStreak();
  for (const run of runs) streak.add(run, LATER);
  return streak;
}

describe('an agent is paused', () => {
  it.each<[string, Ended[], string | undefined]>([
    ['not after two runs in a row', [ended('1', 1), ended('2', 2)], undefined],
    [
      'after three in a row, for the reason of the third',
      [ended('1', 1), ended('2', 2), ended('3', 3, 'RateLimited')],
      'RateLimited',
    ],
    [
      'for the same reason whatever follows',
      [ended('1', 1), ended('2', 2), ended('3', 3), ended('4', 4, 'RateLimited')],
      'AuthFailed',
    ],
    [
      'in whatever order they are told of',
      [ended('3', 3, 'QuotaExhausted'), ended('1', 1), ended('2', 2)],
      'QuotaExhausted',
    ],
    ['not by one run that is told of three times', [ended('1', 1), ended('1', 2), ended('1', 2)], undefined],
    [
      'not when one between them reached the service',
      [ended('1', 1), ended('x', 2, 'reached'), ended('2', 3), ended('3', 4)],
      undefined,
    ],
    [
      'not when that is told of last',
      [ended('1', 1), ended('2', 3), ended('3', 4), ended('x', 2, 'reached')],
      undefined,
    ],
    [
      'although one between them did not get that far',
      [ended('1', 1), ended('x', 2, 'none'), ended('2', 3), ended('3', 4)],
      'AuthFailed',
    ],
    [
      'not any more once one reached the service',
      [ended('1', 1), ended('2', 2), ended('3', 3), ended('x', 4, 'reached')],
      undefined,
    ],
    [
      'not when a later attempt of one of them reached it',
      [ended('1', 1), ended('2', 2), ended('3', 3), ended('1', 4, 'reached')],
      undefined,
    ],
    [
      'not when one of them was cancelled in the end',
      [ended('1', 1), ended('2', 2), ended('3', 3), ended('1', 4, 'none')],
      undefined,
    ],
    ['again by three more', [ended('x', 4, 'reached'), ended('5', 5), ended('6', 6), ended('7', 7)], 'AuthFailed'],
  ])('%s', (_name, runs, reason) => {
    expect(aStreak(...runs).pause(PROBE_MS)?.reason).toBe(reason);
  });

  it('the same from the same runs, in whatever order they are told of', () => {
    const run = fc.record({
      uid: fc.uuid(),
      verdict: fc.constantFrom<Ended['verdict']>('AuthFailed', 'RateLimited', 'reached', 'none'),
      submittedAt: fc.nat(20).map(at),
      endedAt: fc.integer({ min: 1, max: 30 }).map(at),
    });
    const toldTwice = fc
      .uniqueArray(run, { selector: ({ uid }) => uid, maxLength: 15 })
      .chain((runs) => fc.tuple(fc.constant(runs), fc.shuffledSubarray(runs, { minLength: runs.length })));
    fc.assert(
      fc.property(toldTwice, ([one, other]) => {
        expect(aStreak(...one).pause(PROBE_MS)).toEqual(aStreak(...other, ...one).pause(PROBE_MS));
      }),
    );
  });
});

describe('the next probe', () => {
  const three = [ended('1', 1), ended('2', 2), ended('3', 3)];
  const probe = (n: number) => ended(`probe-${n}`, 1000 + n, 'AuthFailed', 900 + n);
  const again = (n: number) => ({ ...probe(n), uid: '1' });
  const waitMs = (runs: readonly Ended[], lastEnded: number) =>
    (aStreak(...runs).pause(PROBE_MS)?.probeAtMs ?? 0) - Date.parse(at(lastEnded)) - 1000;

  it.each<[string, Ended[], lastEnded: number, minutes: number]>([
    ['waits for a back-off after the last run that ended', three, 3, 1],
    ['waits no longer for what ran already when the pause began', [...three, ended('4', 50, 'AuthFailed', 2)], 50, 1],
    ['waits twice as long after each probe that was turned away', [...three, probe(1), probe(2)], 1002, 4],
    ['waits twice as long also when one run was all the probes', [...three, again(1), again(2)], 1002, 4],
    ['waits as long after a probe that did not get that far', [...three, ended('x', 800, 'none', 700)], 800, 1],
    ['waits half an hour at most', [...three, ...[1, 2, 3, 4, 5, 6, 7, 8].map(probe)], 1008, 30],
  ])('%s', (_name, runs, lastEnded, minutes) => {
    expect(waitMs(runs, lastEnded)).toBe(minutes * MINUTE_MS);
  });

  it('counts as a probe what is heard of a second time, finished, with its first submission', () => {
    const twice = [ended('4', 100, 'RateLimited', 90), ended('4', 100, 'RateLimited', 2)];
    expect(waitMs([...three, ...twice], 100)).toBe(2 * MINUTE_MS);
  });

  it('does not wait for a time that lies ahead on the clock of a node', () => {
    const streak = new OutageStreak();
    for (const run of three) streak.add(run, new Date(at(2)));
    expect(streak.pause(PROBE_MS)?.probeAtMs).toBe(Date.parse(at(2)) + PROBE_MS);
  });

  it('starts at once when it is asked for', () => {
    const streak = aStreak(...three);
    streak.probeNow();
    expect(streak.pause(PROBE_MS)?.probeAtMs).toBe(-Infinity);
  });
});

describe('the verdict on the service', () => {
  const attempt = { number: 2, submittedAt: at(5), finishedAt: at(6) };
  const over = { submittedAt: at(1), finishedAt: at(9) };

  it.each<[string, AgentRunStatus | undefined, Partial<Ended> | undefined]>([
    ['of a run that was not looked at: none is there', undefined, undefined],
    [
      'of a run whose attempt runs: none is there',
      { submittedAt: at(1), attempts: [{ number: 1, submittedAt: at(1) }] },
      undefined,
    ],
    ['of a run that never was submitted: none is there', { phase: 'Cancelled', finishedAt: at(9) }, undefined],
    [
      'of a run between attempts is that of its last attempt',
      { submittedAt: at(1), attempts: [{ ...attempt, failureClass: 'RateLimited' }] },
      { verdict: 'RateLimited', submittedAt: at(5), endedAt: at(6) },
    ],
    [
      'of a run whose next attempt runs is that of the one before',
      {
        submittedAt: at(1),
        attempts: [
          { ...attempt, failureClass: 'RateLimited' },
          { number: 3, submittedAt: at(7) },
        ],
      },
      { verdict: 'RateLimited', submittedAt: at(5), endedAt: at(6) },
    ],
    [
      'of a finished run is its own',
      { ...over, phase: 'Failed', failureClass: 'AuthFailed' },
      { verdict: 'AuthFailed', submittedAt: at(1), endedAt: at(9) },
    ],
    [
      'of a finished run is that of its last attempt',
      { ...over, phase: 'Failed', failureClass: 'AuthFailed', attempts: [{ ...attempt, finishedAt: at(9) }] },
      { verdict: 'AuthFailed', submittedAt: at(5), endedAt: at(9) },
    ],
    ['of a run that succeeded', { ...over, phase: 'Succeeded' }, { verdict: 'reached' }],
    ['of a cancelled run says nothing', { ...over, phase: 'Cancelled' }, { verdict: 'none' }],
    ...(['AgentError', 'Timeout', 'ArtifactMissing', 'OutOfMemory'] as const).map(
      (failureClass): [string, AgentRunStatus, Partial<Ended>] => [
        `of ${failureClass} says that the service was reached`,
        { ...over, phase: 'Failed', failureClass },
        { verdict: 'reached' },
      ],
    ),
    ...(
      [
        'Evicted',
        'ImagePull',
        'Unschedulable',
        'ContainerConfig',
        'PodRejected',
        'CheckoutFailed',
        'WorkloadLost',
        'RuntimeError',
        'NameConflict',
      ] as const
    ).map((failureClass): [string, AgentRunStatus, Partial<Ended>] => [
      `of ${failureClass} says nothing`,
      { ...over, phase: 'Failed', failureClass },
      { verdict: 'none' },
    ]),
  ])('%s', (_name, status, expected) => {
    const found = endedOf(aRun({}, status));
    if (expected === undefined) expect(found).toBeUndefined();
    else expect(found).toMatchObject(expected);
  });
});
