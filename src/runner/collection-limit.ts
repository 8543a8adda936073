import { COLLECTION_SECONDS } from '../domain/runner-contract.js';
import { CollectionStopped } from './collection-stopped.js';

/** Of the five seconds that a pod's grace period is longer than the agent's, the draining of its output may take three. */
const AT_LEAST_MS = 1_000;

/**
 * How long collecting and storing artifacts may take. A signal that stops the runner leaves what the agent has not used of
 * its grace, and a second at least. Made before the agent starts: it has to know when the signal came.
 */
export class CollectionLimit {
  readonly #limit = new AbortController();
  readonly #termination: AbortSignal;
  readonly #graceMs: number;
  #graceEnds = 0;

  constructor(termination: AbortSignal, gracePeriodSeconds: number) {
    this.#termination = termination;
    this.#graceMs = gracePeriodSeconds * 1000;
    if (termination.aborted) this.#terminated();
    termination.addEventListener('abort', () => this.#terminated(), { once: true });
  }

  /** The agent has ended. @returns a signal that aborts with a CollectionStopped as its reason */
  begin(what: keyof typeof COLLECTION_SECONDS): AbortSignal {
    const seconds = COLLECTION_SECONDS[what];
    this.#abortAfter(seconds * 1000, new CollectionStopped(`was not ${what} within ${seconds} s`));
    const stop = (): void => {
      const signal = this.#termination.reason as NodeJS.Signals;
      const left = Math.max(AT_LEAST_MS, this.#graceEnds - performance.now());
      this.#abortAfter(left, new CollectionStopped(`was not ${what}: ${signal} stopped the runner`, signal));
    };
    if (this.#termination.aborted) stop();
    else this.#termination.addEventListener('abort', stop, { once: true });
    return this.#limit.signal;
  }

  #terminated(): void {
    this.#graceEnds = performance.now() + this.#graceMs;
  }

  #abortAfter(ms: number, reason: CollectionStopped): void {
    setTimeout(() => this.#limit.abort(reason), ms).unref();
  }
}
