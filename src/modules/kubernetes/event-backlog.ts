import type { Clock } from '../../domain/clock.js';
import { seriesKey, type EventInput, type EventOccurrence, type Regarding } from './event.manifest.js';

/** client-go's: a repetition after a longer pause is a new event. */
const SERIES_WINDOW_MS = 6 * 60_000;
/** A series on the API server is brought up to date no more often. */
const SERIES_REFRESH_MS = 60_000;
const MAX_QUEUED = 1000;
const MAX_SERIES = 4096;

export interface EventSeries extends EventOccurrence {
  lastAt: Date;
  count: number;
  /** Monotonic time of the last occurrence. */
  lastMs: number;
  /** Set once the Event object exists. */
  written: { readonly count: number; readonly atMs: number } | undefined;
}

/** Events that wait to be written, repetitions counted instead of queued; bounded, so that it never holds up anyone. */
export class EventBacklog {
  readonly #clock: Clock;
  /** By key, the longest unused first. */
  readonly #series = new Map<string, EventSeries>();
  readonly #queue = new Set<EventSeries>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @returns false when the queue is full and the event is lost */
  add(regarding: Regarding, input: EventInput): boolean {
    const key = seriesKey(regarding, input);
    const nowMs = this.#clock.monotonicMs();
    const known = this.#series.get(key);
    this.#series.delete(key);
    const repeated = known !== undefined && nowMs - known.lastMs < SERIES_WINDOW_MS;
    const series = repeated ? this.#repeat(known, nowMs) : this.#begin(regarding, input, nowMs);
    this.#series.set(key, series);
    this.#forgetOldest();
    const fresh = series.written !== undefined && nowMs - series.written.atMs < SERIES_REFRESH_MS;
    if (fresh || this.#queue.has(series)) return true;
    if (this.#queue.size >= MAX_QUEUED) return false;
    this.#queue.add(series);
    return true;
  }

  get empty(): boolean {
    return this.#queue.size === 0;
  }

  /** Takes out what has waited longest. */
  next(): EventSeries | undefined {
    const [series] = this.#queue;
    if (series !== undefined) this.#queue.delete(series);
    return series;
  }

  /** Queues every series whose count on the API server is behind. */
  queueUnwritten(): void {
    for (const series of this.#series.values()) {
      if (series.written !== undefined && series.written.count < series.count) this.#queue.add(series);
    }
  }

  /** Empties the queue. @returns how many were in it */
  clear(): number {
    const { size } = this.#queue;
    this.#queue.clear();
    return size;
  }

  #begin(regarding: Regarding, input: EventInput, nowMs: number): EventSeries {
    const at = this.#clock.now();
    return { regarding, input, firstAt: at, lastAt: at, count: 1, lastMs: nowMs, written: undefined };
  }

  #repeat(series: EventSeries, nowMs: number): EventSeries {
    series.count += 1;
    series.lastAt = this.#clock.now();
    series.lastMs = nowMs;
    return series;
  }

  #forgetOldest(): void {
    if (this.#series.size <= MAX_SERIES) return;
    const [oldest] = this.#series.keys();
    if (oldest !== undefined) this.#series.delete(oldest);
  }
}
