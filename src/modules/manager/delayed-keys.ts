import type { Clock } from '../../domain/clock.js';

/** An early wake is harmless because a pass decides anew; a delay longer than Node's timers keep would fire at once. */
const MAX_DELAY_MS = 24 * 60 * 60 * 1000;

interface Delay<T> {
  readonly dueMs: number;
  readonly detail: T;
  readonly cancel: () => void;
}

/** Keys that come due later, each once, with what is known about why; of several delays of a key the earliest counts. */
export class DelayedKeys<T> {
  readonly #clock: Clock;
  readonly #due: (key: string, detail: T, lateMs: number) => void;
  readonly #delays = new Map<string, Delay<T>>();

  /** @param due called when the time of a key has come, or that many milliseconds later when the process stood still */
  constructor(clock: Clock, due: (key: string, detail: T, lateMs: number) => void) {
    this.#clock = clock;
    this.#due = due;
  }

  /** @param ms milliseconds from now */
  add(key: string, ms: number, detail: T): void {
    const delayMs = Math.min(Math.max(ms, 0), MAX_DELAY_MS);
    const dueMs = this.#clock.monotonicMs() + delayMs;
    const earlier = this.#delays.get(key);
    if (earlier !== undefined && earlier.dueMs <= dueMs) return;
    earlier?.cancel();
    const cancel = this.#clock.setTimer(delayMs, () => {
      this.#delays.delete(key);
      this.#due(key, detail, this.#clock.monotonicMs() - dueMs);
    });
    this.#delays.set(key, { dueMs, detail, cancel });
  }

  /** Cancels the key's delay. @returns what was known about it; undefined when there was none */
  remove(key: string): T | undefined {
    const delay = this.#delays.get(key);
    delay?.cancel();
    this.#delays.delete(key);
    return delay?.detail;
  }

  clear(): void {
    for (const { cancel } of this.#delays.values()) cancel();
    this.#delays.clear();
  }
}
