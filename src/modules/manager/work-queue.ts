import { type BackOff, backOffMs } from '../../domain/back-off.js';
import type { Clock, Random } from '../../domain/clock.js';

/** An early wake is harmless because a pass decides anew; a delay longer than Node's timers keep would fire at once. */
const MAX_DELAY_MS = 24 * 60 * 60 * 1000;

/** What a queue reports while it works; its sizes are read from the queue. */
export interface QueueObserver {
  /** A key came in that was not waiting for a worker yet. */
  added(): void;
  /** A key was put back after a failure. */
  retried(): void;
  /** A worker took a key that had waited for it this many milliseconds. */
  taken(waitedMs: number): void;
}

export interface WorkQueueOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly backOff: BackOff;
  readonly observer: QueueObserver;
}

/**
 * Keys that wait for a worker, with the semantics of client-go's workqueue
 * (https://pkg.go.dev/k8s.io/client-go/util/workqueue): a key waits once however often it is added, is never with two
 * workers, and when it is added while it is worked on, it runs once more afterwards.
 *
 * One difference: a worker that takes a key cancels its delayed add. The pass that begins decides anew when to look again,
 * and without this every busy key would gather wakes that nobody needs.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  /** Keys that wait, in order, with the time they came in. */
  readonly #waiting = new Map<string, number>();
  /** Keys with a worker, with the time they were taken. */
  readonly #processing = new Map<string, number>();
  /** Keys that were added while they were worked on, with the time of the first add. */
  readonly #dirty = new Map<string, number>();
  readonly #delayed = new Map<string, { dueMs: number; cancel: () => void }>();
  readonly #failures = new Map<string, number>();
  readonly #idleWorkers: ((key: string | undefined) => void)[] = [];
  readonly #onDrained: (() => void)[] = [];
  #shutDown = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  /** Keys that wait for a worker now; delayed ones are not counted. */
  get depth(): number {
    return this.#waiting.size + this.#dirty.size;
  }

  /** How long the oldest pass has been running, in milliseconds; 0 when there is none. */
  get longestRunningMs(): number {
    const [oldest] = this.#processing.values();
    return oldest === undefined ? 0 : this.#options.clock.monotonicMs() - oldest;
  }

  add(key: string): void {
    if (this.#shutDown || this.#waiting.has(key) || this.#dirty.has(key)) return;
    this.#options.observer.added();
    const now = this.#options.clock.monotonicMs();
    if (this.#processing.has(key)) {
      this.#dirty.set(key, now);
      return;
    }
    this.#waiting.set(key, now);
    this.#serve();
  }

  /** Adds the key after that time; of several delays for one key the earliest counts. */
  addAfter(key: string, ms: number): void {
    if (this.#shutDown) return;
    if (ms <= 0) {
      this.add(key);
      return;
    }
    const delayMs = Math.min(ms, MAX_DELAY_MS);
    const dueMs = this.#options.clock.monotonicMs() + delayMs;
    const earlier = this.#delayed.get(key);
    if (earlier !== undefined && earlier.dueMs <= dueMs) return;
    earlier?.cancel();
    const cancel = this.#options.clock.setTimer(delayMs, () => {
      this.#delayed.delete(key);
      this.add(key);
    });
    this.#delayed.set(key, { dueMs, cancel });
  }

  /** Adds the key after its back-off, which grows until `forget`; `atLeastMs` is what a server's Retry-After asks for. */
  addRateLimited(key: string, atLeastMs = 0): void {
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    this.#options.observer.retried();
    this.addAfter(key, Math.max(backOffMs(this.#options.backOff, failures, this.#options.random), atLeastMs));
  }

  /** Ends the key's back-off: the next failure counts as the first. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** The next key, as soon as there is one; undefined once the queue is shut down. Every taken key needs `done`. */
  take(): Promise<string | undefined> {
    if (this.#shutDown) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.#idleWorkers.push(resolve);
      this.#serve();
    });
  }

  /** The worker is finished with the key, whatever came of it. */
  done(key: string): void {
    this.#processing.delete(key);
    const addedAt = this.#dirty.get(key);
    if (addedAt !== undefined) {
      this.#dirty.delete(key);
      this.#waiting.set(key, addedAt);
      this.#serve();
    }
    this.#reportDrained();
  }

  /** Hands out no key from now on and takes none in; what is with a worker may finish. */
  shutDown(): void {
    this.#shutDown = true;
    for (const { cancel } of this.#delayed.values()) cancel();
    this.#delayed.clear();
    this.#waiting.clear();
    this.#dirty.clear();
    for (const resolve of this.#idleWorkers.splice(0)) resolve(undefined);
    this.#reportDrained();
  }

  /** Resolves once the queue is shut down and no worker has a key. */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      this.#onDrained.push(resolve);
      this.#reportDrained();
    });
  }

  #serve(): void {
    const [next] = this.#waiting;
    if (next === undefined) return;
    const worker = this.#idleWorkers.shift();
    if (worker === undefined) return;
    const [key, addedAt] = next;
    const now = this.#options.clock.monotonicMs();
    this.#waiting.delete(key);
    this.#processing.set(key, now);
    this.#delayed.get(key)?.cancel();
    this.#delayed.delete(key);
    this.#options.observer.taken(now - addedAt);
    worker(key);
  }

  #reportDrained(): void {
    if (!this.#shutDown || this.#processing.size > 0) return;
    for (const resolve of this.#onDrained.splice(0)) resolve();
  }
}
