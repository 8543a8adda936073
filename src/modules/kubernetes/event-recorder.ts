import { Inject, Injectable, Logger } from '@nestjs/common';
import type { KubernetesObject } from '../../api/meta/object.js';
import { backOffMs, type BackOff } from '../../domain/back-off.js';
import { CLOCK, delay, RANDOM, type Clock, type Random } from '../../domain/clock.js';
import { ApiError, isAlreadyExists, isNamespaceTerminating, isNotFound, isTransient } from './api-error.js';
import { KubernetesClient } from './client.js';
import { EventBacklog, type EventSeries } from './event-backlog.js';
import {
  eventManifest,
  eventName,
  eventNamespace,
  regardingOf,
  seriesPatch,
  type EventInput,
} from './event.manifest.js';
import { KUBERNETES_OBSERVER, type EventObserver } from './kubernetes-observer.js';
import { KUBERNETES_OPTIONS, type KubernetesOptions } from './kubernetes-options.js';
import { EVENTS } from './resource.js';
import { TokenBucket } from './token-bucket.js';

/** A burst for fifty runs that start at once, and then no more than the API server would notice. */
const BURST = 100;
const PER_SECOND = 10;

const MAX_TRIES = 5;
const BACK_OFF: BackOff = { initialMs: 1000, maxMs: 30_000, jitter: 0.2 };

/** How long a stopping process waits for its last events. */
const FLUSH_MS = 3000;

/**
 * Writes Kubernetes Events beside the real work: `record` only queues, one worker writes, repetitions become a series,
 * and whatever fails is counted and forgotten.
 */
@Injectable()
export class EventRecorder {
  readonly #logger = new Logger(EventRecorder.name);
  readonly #client: Pick<KubernetesClient, 'create' | 'mergePatch'>;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #observer: EventObserver;
  readonly #instance: string;
  readonly #backlog: EventBacklog;
  readonly #bucket: TokenBucket;
  /** Aborts waits, so that a flush does not sit out a back-off. */
  readonly #stopping = new AbortController();
  /** Aborts requests. */
  readonly #ended = new AbortController();
  #worker: Promise<void> | undefined;

  constructor(
    client: KubernetesClient,
    @Inject(CLOCK) clock: Clock,
    @Inject(RANDOM) random: Random,
    @Inject(KUBERNETES_OBSERVER) observer: EventObserver,
    @Inject(KUBERNETES_OPTIONS) options: Pick<KubernetesOptions, 'instance'>,
  ) {
    this.#client = client;
    this.#clock = clock;
    this.#random = random;
    this.#observer = observer;
    this.#instance = options.instance;
    this.#backlog = new EventBacklog(clock);
    this.#bucket = new TokenBucket(clock, BURST, PER_SECOND);
  }

  /** Queues an event about `object`; never throws and never waits. After `stop` it does nothing. */
  record(object: KubernetesObject, event: EventInput): void {
    if (this.#stopping.signal.aborted) return;
    if (!this.#backlog.add(regardingOf(object), event)) this.#observer.eventFinished('dropped');
    this.#wake();
  }

  /** Writes what is queued, for a bounded time, and drops the rest. Nothing is written after it has resolved. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#backlog.queueUnwritten();
    this.#wake();
    const cancel = this.#clock.setTimer(FLUSH_MS, () => {
      this.#ended.abort();
    });
    while (this.#worker !== undefined) await this.#worker;
    cancel();
    this.#ended.abort();
    for (let dropped = this.#backlog.clear(); dropped > 0; dropped -= 1) this.#observer.eventFinished('dropped');
  }

  #wake(): void {
    if (this.#worker !== undefined || this.#backlog.empty) return;
    this.#worker = this.#work().finally(() => {
      this.#worker = undefined;
      // What was queued between the worker's last look and now.
      this.#wake();
    });
  }

  async #work(): Promise<void> {
    for (let series = this.#backlog.next(); series !== undefined; series = this.#backlog.next()) {
      const waitMs = this.#bucket.take();
      if (waitMs > 0) await delay(this.#clock, waitMs, this.#stopping.signal);
      if (this.#ended.signal.aborted) this.#observer.eventFinished('dropped');
      else await this.#write(series);
    }
  }

  async #write(series: EventSeries): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        await this.#send(series);
        this.#observer.eventFinished('written');
        return;
      } catch (error) {
        if (tries >= MAX_TRIES || !isTransient(error) || this.#stopping.signal.aborted) {
          this.#giveUp(error);
          return;
        }
        const asked = error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0;
        const waitMs = Math.max(backOffMs(BACK_OFF, tries, this.#random), asked);
        await delay(this.#clock, waitMs, this.#stopping.signal);
      }
    }
  }

  async #send(series: EventSeries): Promise<void> {
    const { count } = series;
    if (series.written === undefined) await this.#create(series);
    else await this.#update(series);
    series.written = { count, atMs: this.#clock.monotonicMs() };
  }

  async #create(series: EventSeries): Promise<void> {
    const body = eventManifest(series, this.#instance);
    try {
      await this.#client.create(EVENTS, eventNamespace(series.regarding), body, this.#ended.signal);
    } catch (error) {
      // The answer to an earlier try was lost: names are never used twice.
      if (!isAlreadyExists(error)) throw error;
    }
  }

  async #update(series: EventSeries): Promise<void> {
    const name = eventName(series, this.#instance);
    const namespace = eventNamespace(series.regarding);
    try {
      await this.#client.mergePatch(EVENTS, namespace, name, seriesPatch(series), {}, this.#ended.signal);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      // Events live for an hour; the series lives on in a new one of the same name.
      await this.#create(series);
    }
  }

  #giveUp(error: unknown): void {
    this.#observer.eventFinished('failed');
    // A namespace on its way out takes its objects and their events along: nobody needs to know.
    if (isNotFound(error) || isNamespaceTerminating(error)) return;
    this.#logger.warn({ msg: 'event not written', reason: error instanceof ApiError ? error.message : 'unexpected' });
  }
}
