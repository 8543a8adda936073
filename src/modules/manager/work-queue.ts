import { type BackOff, backOffMs } from '../../domain/back-off.js';
import type { Clock, Random } from '../../domain/clock.js';
import { DelayedKeys } from './delayed-keys.js';

/**
 * Why a key is with a worker: something happened, a pass had asked to look again at that time, a pass had failed, or
 * nothing but the periodic resync asked. Whatever else asks beats the resync.
 */
export type Cause = 'event' | 'timer' | 'retry' | 'resync';

/** Why a key comes back after a time: time alone changes something then, or it is another try. */
export type DelayCause = Extract<Cause, 'timer' | 'retry'>;

/** A timer due within this counts as due: wall clock, monotonic clock and timers differ by less. */
const NEARLY_DUE_MS = 1000;

/** A timer that is later than this fired after the whole process had stood still. */
const STALL_MS = 1000;

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
  /** Asked when a resync comes due: have the key's caches been told all that there is to tell? Absent: always. */
  readonly mayResync?: (key: string) => boolean;
}

interface Wake {
  /** When the key came in. */
  readonly sinceMs: number;
  cause: Cause;
}

interface Taken {
  readonly atMs: number;
  readonly cause: Cause;
  /** From when on the timer that was cancelled by the take would have asked, if there was one. */
  readonly timerFromMs: number;
}

interface Delayed {
  readonly cause: DelayCause;
  /** The earliest moment from which the delay can have been measured, plus the delay. */
  readonly fromMs: number;
}

/**
 * Keys that wait for a worker, with the semantics of client-go's workqueue
 * (https://pkg.go.dev/k8s.io/client-go/util/workqueue): a key waits once however often it is added, is never with two
 * workers, and when it is added while it is worked on, it runs once more afterwards.
 *
 * One difference: a worker that takes a key cancels its delayed add. The pass that begins decides anew when to look again,
 * and without this every busy key would gather wakes that nobody needs. The resync has delays of its own: it neither
 * replaces a timer nor is put off by what else happens to a key.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  /** Keys that wait, in order. */
  readonly #waiting = new Map<string, Wake>();
  /** Keys with a worker, in the order in which they were taken. */
  readonly #processing = new Map<string, Taken>();
  /** Keys that were added while they were worked on. */
  readonly #dirty = new Map<string, Wake>();
  readonly #delayed: DelayedKeys<Delayed>;
  readonly #resyncs: DelayedKeys<'resync'>;
  readonly #failures = new Map<string, number>();
  readonly #idleWorkers: ((key: string | undefined) => void)[] = [];
  readonly #onDrained: (() => void)[] = [];
  #shutDown = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
    this.#delayed = new DelayedKeys(options.clock, (key, { cause }) => this.add(key, cause));
    // In caches that are behind, a resync finds what an event is about to tell: those of a broken watch, or of a process that
    // stood still and hears its timers before what the server has told meanwhile. The next one is soon enough.
    this.#resyncs = new DelayedKeys(options.clock, (key, cause, lateMs) => {
      if (lateMs < STALL_MS && options.mayResync?.(key) !== false) this.add(key, cause);
    });
  }

  /** Keys that wait for a worker now; delayed ones are not counted. */
  get depth(): number {
    return this.#waiting.size + this.#dirty.size;
  }

  /** How long the oldest pass has been running, in milliseconds; 0 when there is none. */
  get longestRunningMs(): number {
    const [oldest] = this.#processing.values();
    return oldest === undefined ? 0 : this.#options.clock.monotonicMs() - oldest.atMs;
  }

  add(key: string, cause: Cause = 'event'): void {
    if (this.#shutDown) return;
    const known = this.#waiting.get(key) ?? this.#dirty.get(key);
    if (known !== undefined) {
      if (known.cause === 'resync') known.cause = cause;
      return;
    }
    this.#options.observer.added();
    const wake = { sinceMs: this.#options.clock.monotonicMs(), cause };
    if (this.#processing.has(key)) {
      this.#dirty.set(key, wake);
      return;
    }
    this.#waiting.set(key, wake);
    this.#serve();
  }

  /** Adds the key after that time; of several delays for one key the earliest counts. */
  addAfter(key: string, ms: number, cause: DelayCause = 'timer'): void {
    if (this.#shutDown) return;
    if (ms <= 0) {
      this.add(key, cause);
      return;
    }
    // A pass that asks for a time has read the clock at some moment after it was taken.
    const askedMs = this.#processing.get(key)?.atMs ?? this.#options.clock.monotonicMs();
    this.#delayed.add(key, ms, { cause, fromMs: askedMs + ms });
  }

  /** Has the resync look at the key after that time, whatever else happens to it until then. */
  resyncAfter(key: string, ms: number): void {
    if (!this.#shutDown) this.#resyncs.add(key, ms, 'resync');
  }

  /** Adds the key after its back-off, which grows until `forget`; `atLeastMs` is what a server's Retry-After asks for. */
  addRateLimited(key: string, atLeastMs = 0): void {
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    this.#options.observer.retried();
    const backOff = backOffMs(this.#options.backOff, failures, this.#options.random);
    this.addAfter(key, Math.max(backOff, atLeastMs), 'retry');
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

  /**
   * Why the key is with a worker, with what has asked for it since it was taken: `resync` only while nothing else has.
   *
   * @throws Error when no worker has the key
   */
  causeOf(key: string): Cause {
    const taken = this.#processing.get(key);
    if (taken === undefined) throw new Error(`no worker has the key ${key}`);
    if (taken.cause !== 'resync') return taken.cause;
    if (taken.timerFromMs <= this.#options.clock.monotonicMs() + NEARLY_DUE_MS) return 'timer';
    return this.#dirty.get(key)?.cause ?? 'resync';
  }

  /** The worker is finished with the key, whatever came of it. */
  done(key: string): void {
    this.#processing.delete(key);
    const wake = this.#dirty.get(key);
    if (wake !== undefined) {
      this.#dirty.delete(key);
      this.#waiting.set(key, wake);
      this.#serve();
    }
    this.#reportDrained();
  }

  /** Hands out no key from now on and takes none in; what is with a worker may finish. */
  shutDown(): void {
    this.#shutDown = true;
    this.#delayed.clear();
    this.#resyncs.clear();
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
    const [key, { sinceMs, cause }] = next;
    const atMs = this.#options.clock.monotonicMs();
    const delayed = this.#delayed.remove(key);
    this.#waiting.delete(key);
    this.#processing.set(key, {
      atMs,
      // The failure before had asked for this pass already; the resync only came first.
      cause: cause === 'resync' && delayed?.cause === 'retry' ? 'retry' : cause,
      timerFromMs: delayed?.cause === 'timer' ? delayed.fromMs : Infinity,
    });
    this.#options.observer.taken(atMs - sinceMs);
    worker(key);
  }

  #reportDrained(): void {
    if (!this.#shutDown || this.#processing.size > 0) return;
    for (const resolve of this.#onDrained.splice(0)) resolve();
  }
}
