import type { Lease } from '../kubernetes/wire.js';

export type LeaseSpec = NonNullable<Lease['spec']>;

/** client-go's defaults: the margin between the first two is what keeps two leaders apart. */
export const LEASE_TIMING = {
  /** Others take a Lease whose record has not changed for this long. */
  durationMs: 15_000,
  /** The holder gives up when it could not renew for this long. */
  renewDeadlineMs: 10_000,
  /** From one renewal to the next. */
  retryPeriodMs: 2000,
} as const;

/**
 * How a candidate looks at the Lease. Not client-go's 2 to 4.4 s: a renewal that is noticed late puts off the moment when
 * the Lease counts as run out, and a release that is noticed late is time without a leader.
 */
const LOOK = {
  /** The middle of the time from one look to the next; it costs one GET. */
  periodMs: 1000,
  /** The most that a period is longer or shorter, as a share of it: candidates that lost together do not come back together. */
  spread: 0.2,
  /** The most that a look is put off after the Lease ran out. */
  afterEndMs: 200,
} as const;

/** A Lease as this process saw it. Its own times are other machines' clocks and are never compared with ours. */
export interface LeaseObservation {
  readonly lease: Lease;
  /** When the record last changed before our eyes, on the monotonic clock. */
  readonly changedAtMs: number;
}

/** The observation after seeing `lease` at `nowMs`. */
export function observe(previous: LeaseObservation | undefined, lease: Lease, nowMs: number): LeaseObservation {
  const unchanged = previous !== undefined && sameRecord(previous.lease.spec ?? {}, lease.spec ?? {});
  return { lease, changedAtMs: unchanged ? previous.changedAtMs : nowMs };
}

function sameRecord(a: LeaseSpec, b: LeaseSpec): boolean {
  return (
    a.holderIdentity === b.holderIdentity &&
    a.leaseDurationSeconds === b.leaseDurationSeconds &&
    a.acquireTime === b.acquireTime &&
    a.renewTime === b.renewTime &&
    a.leaseTransitions === b.leaseTransitions
  );
}

/** `take`: nobody holds it, or its holder has gone silent; `wait`: somebody else holds it. */
export type LeaseStep = 'create' | 'renew' | 'take' | 'wait';

/** What a candidate does next (client-go, tools/leaderelection, tryAcquireOrRenew). */
export function nextStep(seen: LeaseObservation | undefined, identity: string, nowMs: number): LeaseStep {
  if (seen === undefined) return 'create';
  const { holderIdentity = '' } = seen.lease.spec ?? {};
  if (holderIdentity === identity) return 'renew';
  if (holderIdentity === '') return 'take';
  return nowMs >= endOf(seen) ? 'take' : 'wait';
}

/** When others may take the Lease. The holder counts on the duration it wrote down, which may be longer than ours. */
function endOf({ lease, changedAtMs }: LeaseObservation): number {
  return changedAtMs + Math.max((lease.spec?.leaseDurationSeconds ?? 0) * 1000, LEASE_TIMING.durationMs);
}

/**
 * When a candidate that looked at `startedMs` looks again: soon, and at the moment when the Lease runs out unless it is
 * renewed until then.
 *
 * @param jitter in [0, 1), anew for each look
 */
export function nextLookMs(
  seen: LeaseObservation | undefined,
  { startedMs, nowMs, jitter }: { startedMs: number; nowMs: number; jitter: number },
): number {
  const periodMs = LOOK.periodMs * (1 + LOOK.spread * (2 * jitter - 1));
  const endMs = seen === undefined ? nowMs : endOf(seen);
  // Run out already: it could not be taken, so there is nothing to be there in time for.
  if (endMs <= nowMs) return startedMs + periodMs;
  return Math.min(startedMs + periodMs, endMs + LOOK.afterEndMs * jitter);
}

/** The record that makes or keeps `identity` the holder. */
export function claim(current: LeaseSpec | undefined, identity: string, now: Date): LeaseSpec {
  const time = microTime(now);
  const kept = current?.holderIdentity === identity;
  const transitions = current?.leaseTransitions ?? 0;
  return {
    ...current,
    holderIdentity: identity,
    leaseDurationSeconds: LEASE_TIMING.durationMs / 1000,
    acquireTime: kept ? (current.acquireTime ?? time) : time,
    renewTime: time,
    leaseTransitions: kept || current === undefined ? transitions : transitions + 1,
  };
}

/** The record of a holder that leaves: the next candidate takes it at once. */
export function release(current: LeaseSpec, now: Date): LeaseSpec {
  return { ...current, holderIdentity: '', leaseDurationSeconds: 1, renewTime: microTime(now) };
}

/** metav1.MicroTime has exactly six digits. */
function microTime(date: Date): string {
  return date.toISOString().replace('Z', '000Z');
}
