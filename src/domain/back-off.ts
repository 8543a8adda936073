export interface BackOff {
  readonly initialMs: number;
  readonly maxMs: number;
  /** Part of the delay that is random, e.g. 0.2 for ±20 %: what failed together must not come back together. */
  readonly jitter: number;
}

/** Delay before the next try after `failures` failures in a row: doubles from `initialMs` to `maxMs`, then jitter. */
export function backOffMs(backOff: BackOff, failures: number, random: () => number): number {
  const base = Math.min(backOff.initialMs * 2 ** Math.max(failures - 1, 0), backOff.maxMs);
  return Math.round(base * (1 + backOff.jitter * (2 * random() - 1)));
}
