import type { Clock } from '../../src/domain/clock.js';

/** Real time, run through `factor` times as fast: durations of seconds can be tested against real servers. */
export class FastClock implements Clock {
  readonly #factor: number;

  constructor(factor: number) {
    this.#factor = factor;
  }

  /** Not faster: what is written down is read by others. */
  now(): Date {
    return new Date();
  }

  monotonicMs(): number {
    return performance.now() * this.#factor;
  }

  setTimer(ms: number, fn: () => void): () => void {
    const timer = setTimeout(fn, Math.max(ms, 0) / this.#factor);
    return () => {
      clearTimeout(timer);
    };
  }
}
