import type { Clock } from '../../src/domain/clock.js';

interface Timer {
  dueMs: number;
  order: number;
  fn: () => void;
}

/** A clock that stands still until a test moves it. */
export class FakeClock implements Clock {
  #elapsedMs = 0;
  #order = 0;
  readonly #timers = new Set<Timer>();
  readonly #waiters = new Set<{ ms: number; resolve: () => void }>();
  readonly #startMs: number;

  constructor(start = new Date('2026-01-13T09:00:00.000Z')) {
    this.#startMs = start.getTime();
  }

  now(): Date {
    return new Date(this.#startMs + this.#elapsedMs);
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  setTimer(ms: number, fn: () => void): () => void {
    const timer = { dueMs: this.#elapsedMs + Math.max(ms, 0), order: this.#order++, fn };
    this.#timers.add(timer);
    for (const waiter of this.#waiters) {
      if (waiter.ms !== ms) continue;
      this.#waiters.delete(waiter);
      waiter.resolve();
    }
    return () => {
      this.#timers.delete(timer);
    };
  }

  /** Timers that wait, in the order in which they come due, as milliseconds from now. */
  pending(): number[] {
    return [...this.#timers].map((timer) => timer.dueMs - this.#elapsedMs).toSorted((a, b) => a - b);
  }

  /** Resolves as soon as a timer of exactly `ms` waits: the code under test has come to that point. */
  timerOf(ms: number): Promise<void> {
    if (this.pending().includes(ms)) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.add({ ms, resolve }));
  }

  /**
   * Moves time forward and runs every timer that comes due, in order, each at its own time; also those that a timer
   * sets. Promise continuations run between timers, so a loop that waits, works and waits again takes all its turns.
   */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#elapsedMs + ms;
    await settle();
    for (let timer = this.#next(untilMs); timer !== undefined; timer = this.#next(untilMs)) {
      this.#elapsedMs = timer.dueMs;
      this.#timers.delete(timer);
      timer.fn();
      await settle();
    }
    this.#elapsedMs = untilMs;
  }

  #next(untilMs: number): Timer | undefined {
    return [...this.#timers]
      .filter((timer) => timer.dueMs <= untilMs)
      .toSorted((a, b) => a.dueMs - b.dueMs || a.order - b.order)[0];
  }
}

/** Lets promise continuations and already finished I/O run; takes no time on any clock. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
