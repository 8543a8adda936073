import { setTimeout as pause } from 'node:timers/promises';
import { FakeClock } from './fake-clock.js';

/** How long a real server may take for what is on its way. */
const REAL_DEADLINE_MS = 30_000;

/**
 * A clock for clients of real servers: time passes only while nothing is on its way. So an answer takes no time, however
 * busy the machine, and half a minute of a Lease takes as long as its requests.
 */
export class VirtualTime {
  readonly clock = new FakeClock();
  readonly #onItsWay = new Set<() => boolean>();
  readonly #observers: (() => void)[] = [];

  /** Calls `fn` after each move of the clock, when everything it set off has come to rest. */
  onMove(fn: () => void): void {
    this.#observers.push(fn);
  }

  /**
   * Holds the clock until `work` has ended.
   *
   * @param hangs whether it never will by itself: then only the clock can end it, and need not wait
   */
  async hold<T>(work: Promise<T>, hangs: () => boolean = () => false): Promise<T> {
    this.#onItsWay.add(hangs);
    try {
      return await work;
    } finally {
      this.#onItsWay.delete(hangs);
    }
  }

  /** Moves from timer to timer, and waits in between for what each has set off. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.clock.monotonicMs() + ms;
    await this.#rest();
    for (;;) {
      const leftMs = untilMs - this.clock.monotonicMs();
      const next = Math.min(this.clock.pending()[0] ?? leftMs, leftMs);
      await this.clock.advance(next);
      await this.#rest();
      for (const observe of this.#observers) observe();
      if (next === leftMs) return;
    }
  }

  /** Moves on until `check` holds. @throws when it does not after `ms` */
  async until(check: () => boolean, ms: number): Promise<void> {
    const untilMs = this.clock.monotonicMs() + ms;
    while (!check()) {
      const leftMs = untilMs - this.clock.monotonicMs();
      if (leftMs <= 0) throw new Error(`it did not come to that in ${ms} ms of virtual time`);
      await this.advance(Math.min(this.clock.pending()[0] ?? leftMs, leftMs));
    }
  }

  async #rest(): Promise<void> {
    const giveUp = Date.now() + REAL_DEADLINE_MS;
    // Twice: what an answer sets off may send the next request.
    for (let quiet = 0; quiet < 2;) {
      const waits = [...this.#onItsWay].some((hangs) => !hangs());
      if (waits && Date.now() > giveUp) throw new Error('a request was neither answered nor known to hang');
      quiet = waits ? 0 : quiet + 1;
      await pause(waits ? 1 : 0);
    }
  }
}
