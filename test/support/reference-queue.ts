type Cause = 'event' | 'timer' | 'retry' | 'resync';

interface Wake {
  key: string;
  since: number;
  cause: Cause;
}

interface Delay {
  key: string;
  due: number;
  from: number;
  cause: Exclude<Cause, 'event'>;
}

interface Taken {
  key: string;
  at: number;
  cause: Cause;
  /** When the timer that the take cancelled would have asked. */
  timerFrom: number;
}

/** What the model knows of back-off: no jitter. */
interface ReferenceBackOff {
  initialMs: number;
  maxMs: number;
}

/**
 * client-go's work queue, with causes, as plainly as it can be said: lists that are searched, one time line, and no
 * structure that could be wrong in the same way as the real one. The model for `work-queue.model.spec.ts`.
 */
export class ReferenceQueue {
  now = 0;
  shut = false;
  waiting: Wake[] = [];
  dirty: Wake[] = [];
  processing: Taken[] = [];
  /** In the order in which they were made. */
  delays: Delay[] = [];
  /** One entry per failure since the last forget. */
  failures: string[] = [];
  workers = 0;
  /** Everything that was handed out, in order; undefined: the end. */
  handedOut: (string | undefined)[] = [];
  waits: number[] = [];
  added = 0;
  retried = 0;

  constructor(readonly backOff: ReferenceBackOff) {}

  add(key: string, cause: Cause): void {
    if (this.shut) return;
    const known = [...this.waiting, ...this.dirty].find((wake) => wake.key === key);
    if (known !== undefined) {
      if (known.cause === 'resync') known.cause = cause;
      return;
    }
    this.added += 1;
    const isTaken = this.processing.some((taken) => taken.key === key);
    (isTaken ? this.dirty : this.waiting).push({ key, since: this.now, cause });
    this.serve();
  }

  addAfter(key: string, ms: number, cause: 'timer' | 'retry'): void {
    if (this.shut) return;
    if (ms === 0) {
      this.add(key, cause);
      return;
    }
    const begun = this.processing.find((taken) => taken.key === key)?.at ?? this.now;
    this.delay({ key, due: this.now + ms, from: begun + ms, cause });
  }

  fail(key: string, atLeastMs: number): void {
    this.retried += 1;
    const earlier = this.failures.filter((failed) => failed === key).length;
    this.failures.push(key);
    this.addAfter(
      key,
      Math.max(Math.min(this.backOff.initialMs * 2 ** earlier, this.backOff.maxMs), atLeastMs),
      'retry',
    );
  }

  forget(key: string): void {
    this.failures = this.failures.filter((failed) => failed !== key);
  }

  resyncAfter(key: string, ms: number): void {
    if (!this.shut) this.delay({ key, due: this.now + ms, from: this.now + ms, cause: 'resync' });
  }

  take(): void {
    if (this.shut) this.handedOut.push(undefined);
    else this.workers += 1;
    this.serve();
  }

  done(key: string): void {
    this.processing = this.processing.filter((taken) => taken.key !== key);
    this.waiting.push(...this.dirty.filter((wake) => wake.key === key));
    this.dirty = this.dirty.filter((wake) => wake.key !== key);
    this.serve();
  }

  advance(ms: number): void {
    const until = this.now + ms;
    for (let next = this.nextDue(until); next !== undefined; next = this.nextDue(until)) {
      this.now = next.due;
      this.delays = this.delays.filter((delay) => delay !== next);
      this.add(next.key, next.cause);
    }
    this.now = until;
  }

  shutDown(): void {
    this.shut = true;
    this.waiting = [];
    this.dirty = [];
    this.delays = [];
    for (; this.workers > 0; this.workers -= 1) this.handedOut.push(undefined);
  }

  causeOf(key: string): Cause | undefined {
    const taken = this.processing.find((candidate) => candidate.key === key);
    if (taken?.cause !== 'resync') return taken?.cause;
    if (taken.timerFrom - 1000 <= this.now) return 'timer';
    return this.dirty.find((wake) => wake.key === key)?.cause ?? 'resync';
  }

  get longestRunning(): number {
    return Math.max(0, ...this.processing.map(({ at }) => this.now - at));
  }

  private nextDue(until: number): Delay | undefined {
    // Stable: of two that come due together, the one that was made first.
    const [next] = this.delays.toSorted((a, b) => a.due - b.due);
    return next !== undefined && next.due <= until ? next : undefined;
  }

  /** Timers and retries of a key are one delay, its resync another; of each the earlier counts. */
  private delay(delay: Delay): void {
    const isResync = delay.cause === 'resync';
    const known = this.delays.find((d) => d.key === delay.key && (d.cause === 'resync') === isResync);
    if (known !== undefined && known.due <= delay.due) return;
    this.delays = [...this.delays.filter((d) => d !== known), delay];
  }

  private serve(): void {
    const [next] = this.waiting;
    if (next === undefined || this.workers === 0) return;
    const { key } = next;
    const delayed = this.delays.find((delay) => delay.key === key && delay.cause !== 'resync');
    this.delays = this.delays.filter((delay) => delay !== delayed);
    this.waiting = this.waiting.slice(1);
    this.workers -= 1;
    const cause = next.cause === 'resync' && delayed?.cause === 'retry' ? 'retry' : next.cause;
    const timerFrom = delayed?.cause === 'timer' ? delayed.from : Infinity;
    this.processing.push({ key, at: this.now, cause, timerFrom });
    this.handedOut.push(key);
    this.waits.push(this.now - next.since);
  }
}
