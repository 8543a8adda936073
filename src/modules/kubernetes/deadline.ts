import type { Clock } from '../../domain/clock.js';

/**
 * One signal out of a caller's signal and a time limit, which tells afterwards which of them it was. Not
 * AbortSignal.any and AbortSignal.timeout: the one keeps listeners on signals that live as long as the process, the
 * other knows only the real clock.
 */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #clock: Clock;
  readonly #parent: AbortSignal | undefined;
  readonly #abort = (): void => {
    this.#controller.abort();
  };
  #cancelTimer: () => void = () => undefined;
  #expired = false;

  constructor(clock: Clock, ms: number, parent: AbortSignal | undefined) {
    this.#clock = clock;
    this.#parent = parent;
    if (parent?.aborted === true) this.#controller.abort();
    else parent?.addEventListener('abort', this.#abort, { once: true });
    this.extend(ms);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** True when the time ran out, false when the caller's signal aborted or nothing did yet. */
  get expired(): boolean {
    return this.#expired;
  }

  /** Starts the time anew. */
  extend(ms: number): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#clock.setTimer(ms, () => {
      this.#expired = true;
      this.#abort();
    });
  }

  /** Ends the time limit; the caller's signal still counts. */
  stopTimer(): void {
    this.#cancelTimer();
  }

  /** Must be called once the work is over: it takes the listener off the caller's signal. */
  dispose(): void {
    this.#cancelTimer();
    this.#parent?.removeEventListener('abort', this.#abort);
  }
}
