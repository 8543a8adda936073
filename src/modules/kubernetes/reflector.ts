import { backOffMs, type BackOff } from '../../domain/back-off.js';
import { delay, type Clock, type Random } from '../../domain/clock.js';
import type { KubernetesObject } from '../../api/meta/object.js';
import { ApiError, isGone } from './api-error.js';
import { listAll } from './list-all.js';
import type { Resource } from './resource.js';
import type { Transport } from './transport.js';
import type { WatchHealth } from './watch-health.js';
import { watchEvents } from './watch-events.js';

/** What a reflector feeds. Calls come in the order of the server's changes and never after the signal has aborted. */
export interface ReflectorSink<T> {
  /** `objects` is all there is in the watched namespace. */
  replace(objects: readonly T[]): void;
  upsert(object: T): void;
  remove(object: T): void;
}

export interface ReflectorTarget<T extends KubernetesObject> {
  readonly resource: Resource<T>;
  /** Undefined: all namespaces. */
  readonly namespace: string | undefined;
  readonly labelSelector: string | undefined;
}

export interface ReflectorTools {
  readonly transport: Pick<Transport, 'request' | 'stream'>;
  readonly clock: Clock;
  readonly random: Random;
  /** Told of the first complete list. */
  readonly synced: () => void;
  /** Told when the reason for a failure is a new one, not at each repetition. */
  readonly failed: (health: WatchHealth) => void;
}

/** As client-go: quick at first, never slower than half a minute, wide apart so that watches do not return together. */
const BACK_OFF: BackOff = { initialMs: 800, maxMs: 30_000, jitter: 0.5 };

/** A watch that lived this long was healthy: its end is no failure. */
const HEALTHY_MS = 10_000;

/**
 * Keeps a sink equal to what the API server has: list, then watch from there, for ever, whatever goes wrong. Only the
 * signal given to `run` ends it, and nothing reaches the sink after that.
 */
export class Reflector<T extends KubernetesObject> {
  readonly #target: ReflectorTarget<T>;
  readonly #sink: ReflectorSink<T>;
  readonly #tools: ReflectorTools;
  #synced = false;
  #failures = 0;
  #lists = 0;
  #watches = 0;
  /** When the server accepted the present watch. */
  #openedMs: number | undefined;
  #lastEventMs: number | undefined;
  #lastError: string | undefined;
  #reported: string | undefined;
  /** Where the next watch starts; undefined: a list is needed. Opaque: compared with nothing. */
  #resourceVersion: string | undefined;

  constructor(target: ReflectorTarget<T>, sink: ReflectorSink<T>, tools: ReflectorTools) {
    this.#target = target;
    this.#sink = sink;
    this.#tools = tools;
  }

  /** Resolves when the signal aborts; never rejects. A later run starts with a list. */
  async run(signal: AbortSignal): Promise<void> {
    this.#resourceVersion = undefined;
    this.#failures = 0;
    while (!signal.aborted) {
      this.#openedMs = undefined;
      const error = await this.#session(signal);
      await this.#pause(error, signal);
    }
  }

  health(): WatchHealth {
    const { resource, namespace } = this.#target;
    return {
      kind: resource.kind,
      namespace,
      synced: this.#synced,
      lastEventAgeMs: this.#lastEventMs === undefined ? undefined : this.#tools.clock.monotonicMs() - this.#lastEventMs,
      relists: Math.max(this.#lists - 1, 0),
      reconnects: Math.max(this.#watches - 1, 0),
      lastError: this.#lastError,
    };
  }

  /** One list, if needed, and one watch; returns why it ended, undefined for a clean end. */
  async #session(signal: AbortSignal): Promise<unknown> {
    try {
      this.#resourceVersion ??= await this.#list(signal);
      if (!signal.aborted) await this.#watch(this.#resourceVersion, signal);
      return undefined;
    } catch (error) {
      // What was missed can no longer be told: only a list says what is there now.
      if (isGone(error)) this.#resourceVersion = undefined;
      return error;
    }
  }

  async #list(signal: AbortSignal): Promise<string> {
    const { resource, namespace, labelSelector } = this.#target;
    const result = await listAll(this.#tools.transport, resource, namespace, { labelSelector }, signal);
    if (signal.aborted) return result.resourceVersion;
    this.#lists += 1;
    this.#alive();
    this.#sink.replace(result.items);
    if (!this.#synced) {
      this.#synced = true;
      this.#tools.synced();
    }
    return result.resourceVersion;
  }

  async #watch(resourceVersion: string, signal: AbortSignal): Promise<void> {
    for await (const event of watchEvents(this.#target, resourceVersion, this.#tools, signal)) {
      if (signal.aborted) return;
      this.#alive();
      if (event.type === 'OPEN') {
        this.#watches += 1;
        this.#openedMs = this.#tools.clock.monotonicMs();
        continue;
      }
      if (event.type === 'DELETED') this.#sink.remove(event.object);
      else if (event.type !== 'BOOKMARK') this.#sink.upsert(event.object);
      this.#resourceVersion = event.object.metadata.resourceVersion;
    }
  }

  #alive(): void {
    this.#lastEventMs = this.#tools.clock.monotonicMs();
    this.#lastError = undefined;
  }

  /** Also after a clean end: a proxy that closes each watch at once must not make a busy loop. */
  async #pause(error: unknown, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { clock, random } = this.#tools;
    const healthy = this.#openedMs !== undefined && clock.monotonicMs() - this.#openedMs >= HEALTHY_MS;
    this.#failures = healthy ? 0 : this.#failures + 1;
    if (healthy) this.#reported = undefined;
    if (error !== undefined) this.#note(error);
    const retryAfterMs = error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0;
    await delay(clock, Math.max(backOffMs(BACK_OFF, this.#failures, random), retryAfterMs), signal);
  }

  #note(error: unknown): void {
    this.#lastError = error instanceof ApiError ? error.message : 'unexpected error';
    if (this.#lastError === this.#reported) return;
    this.#reported = this.#lastError;
    this.#tools.failed(this.health());
  }
}
