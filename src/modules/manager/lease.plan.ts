import type { Lease } from '../kubernetes/wire.js';

export type LeaseSpec = NonNullable<Lease['spec']>;

/** client-go's defaults: the margin between the first two is what keeps two leaders apart. */
export const LEASE_TIMING = {
  /** Others take a Lease whose record has not changed for this long. */
  durationMs: 15_000,
  /** The holder gives up when it could not renew for this long. */
  renewDeadlineMs: 10_000,
  retryPeriodMs: 2000,
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
  const { holderIdentity = '', leaseDurationSeconds = 0 } = seen.lease.spec ?? {};
  if (holderIdentity === identity) return 'renew';
  if (holderIdentity === '') return 'take';
  // The holder counts on the duration it wrote down, which may be longer than ours.
  const durationMs = Math.max(leaseDurationSeconds * 1000, LEASE_TIMING.durationMs);
  return nowMs >= seen.changedAtMs + durationMs ? 'take' : 'wait';
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
