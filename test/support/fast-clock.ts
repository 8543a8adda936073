import type { Clock } from '../../src/domain/clock.js';

/** Real time, run through `factor` times as fast: durations of minutes can be tested against real servers. */
export class FastClock implements Clock {
  readonly #factor: number;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(factor: number) {
    this.#factor = factor;
  }

  /** How many timers wait. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Not faster: what is written down is read by others. */
  now(): Date {
    return new Date();
  }

  monotonicMs(): number {
    return performance.now() * this.#factor;
  }

  setTimer(ms: number, fn: () => void): () => void {
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        fn();
      },
      Math.max(ms, 0) / this.#factor,
    );
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
      clearTimeout(timer);
    };
  }
}
