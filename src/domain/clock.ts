/**
 * The only source of time for code that waits or writes times; injected by the token CLOCK so that tests own it.
 * `monotonicMs` never goes back and is the one to measure durations and leases with; `now` is for times people read.
 */
export interface Clock {
  now(): Date;
  /** Milliseconds since an arbitrary start; comparable only within one process. */
  monotonicMs(): number;
  /** Calls `fn` once after `ms` milliseconds; the returned function cancels and may be called at any time, repeatedly. */
  setTimer(ms: number, fn: () => void): () => void;
}

export const CLOCK = Symbol('Clock');

/** Returns a number in [0, 1); injected by the token RANDOM so that jitter is fixed in tests. Not for secrets. */
export type Random = () => number;

export const RANDOM = Symbol('Random');

/** Resolves after `ms` or as soon as `signal` aborts, whichever comes first; never rejects. Callers check the signal. */
export function delay(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const finish = (): void => {
      cancel();
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const cancel = clock.setTimer(ms, finish);
    signal.addEventListener('abort', finish, { once: true });
  });
}
