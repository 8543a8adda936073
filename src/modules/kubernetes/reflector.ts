import { backOffMs, type BackOff } from '../../domain/back-off.js';
import { delay, type Clock, type Random } from '../../domain/clock.js';
import type { KubernetesObject } from '../../api/meta/object.js';
import { ApiError, isGone } from './api-error.js';
import { listAll } from './list-all.js';
import { serverVersion, versionOf } from './resource-version.js';
import type { Resource } from './resource.js';
import type { Transport } from './transport.js';
import { isSilence, WatchHistory, type WatchHealth } from './watch-health.js';
import { watchEvents } from './watch-events.js';

/**
 * What a reflector feeds. `replace`, `upsert` and `remove` come in the order of the server's changes, and never from a run
 * that was stopped or replaced.
 */
export interface ReflectorSink<T> {
  /** Makes of a listed object what will be kept of it. Called for each page, before the list is complete. */
  prepare(object: T): T;
  /**
   * `objects`, all of them prepared, are all there is in the watched namespace.
   * @param missed keys of those whose change a watch had passed over
   */
  replace(objects: readonly T[], missed?: ReadonlySet<string>): void;
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

/** One call of `run`. */
interface Run {
  readonly generation: number;
  readonly signal: AbortSignal;
  /** Where the next watch starts; undefined: a list is needed. Opaque: compared with nothing. */
  resourceVersion: string | undefined;
  /** Sessions in a row that were not healthy. */
  failures: number;
  /** When the server accepted the latest watch. */
  openedMs: number | undefined;
  /** Whether the latest watch has told anything. */
  heard: boolean;
  /** The failure that was told last. */
  told: string | undefined;
  /** What the watch has passed over, so that only a list can tell. */
  missed: ReadonlySet<string> | undefined;
}

/**
 * Keeps a sink equal to what the API server has: list, then watch from there, for ever, whatever goes wrong. Only the
 * signal given to `run`, or a later run, ends it, and nothing of it reaches the sink after that.
 */
export class Reflector<T extends KubernetesObject> {
  readonly #target: ReflectorTarget<T>;
  readonly #sink: ReflectorSink<T>;
  readonly #tools: ReflectorTools;
  readonly #history: WatchHistory;
  /** Of the latest run: what an older one still hears is of a past that its successor has left behind. */
  #generation = 0;
  #run: Run | undefined;

  constructor(target: ReflectorTarget<T>, sink: ReflectorSink<T>, tools: ReflectorTools) {
    this.#target = target;
    this.#sink = sink;
    this.#tools = tools;
    this.#history = new WatchHistory(tools.clock);
  }

  /** Begins with a list. Resolves once the signal has aborted or another run has begun; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    this.#generation += 1;
    const run: Run = {
      generation: this.#generation,
      signal,
      resourceVersion: undefined,
      failures: 0,
      openedMs: undefined,
      heard: false,
      told: undefined,
      missed: undefined,
    };
    this.#run = run;
    while (this.#isCurrent(run)) {
      run.openedMs = undefined;
      run.heard = false;
      const error = await this.#session(run);
      // Stopped, too: nothing is open any more. But another run may have opened one.
      if (run.generation === this.#generation) this.#history.closed();
      if (this.#isCurrent(run)) await this.#pause(run, error);
    }
  }

  health(): WatchHealth {
    const { resource, namespace } = this.#target;
    return { kind: resource.kind, namespace, ...this.#history.read() };
  }

  /** resourceVersion up to which everything has reached the sink; undefined while a list is needed. */
  toldUpTo(): string | undefined {
    return this.#run?.resourceVersion;
  }

  /** Lists anew as soon as the watch says something more, since it has passed over changes of these keys. */
  relist(missed: ReadonlySet<string>): void {
    if (this.#run !== undefined) this.#run.missed = missed;
  }

  watches(namespace: string): boolean {
    return this.#target.namespace === undefined || this.#target.namespace === namespace;
  }

  /** Whether the watch is open and has had the time to tell what happened while it was not. */
  isUpToDate(): boolean {
    return this.#history.isUpToDate();
  }

  #isCurrent({ generation, signal }: Run): boolean {
    return generation === this.#generation && !signal.aborted;
  }

  /** One list, if needed, and one watch; returns why it ended, undefined for a clean end. */
  async #session(run: Run): Promise<unknown> {
    try {
      const from = run.resourceVersion ?? (await this.#list(run));
      if (from !== undefined) await this.#watch(run, from);
      return undefined;
    } catch (error) {
      // What was missed can no longer be told: only a list says what is there now.
      if (isGone(error) || (isSilence(error) && (await this.#isAheadOfServer(run)))) run.resourceVersion = undefined;
      return error;
    }
  }

  /** Gives where to watch from; undefined when the run is over. */
  async #list(run: Run): Promise<string | undefined> {
    const { resource, namespace, labelSelector } = this.#target;
    const prepare = (object: T): T => this.#sink.prepare(object);
    const list = await listAll(this.#tools.transport, resource, namespace, { labelSelector }, run.signal, prepare);
    if (!this.#isCurrent(run)) return undefined;
    this.#history.listed();
    this.#sink.replace(list.items, run.missed);
    run.missed = undefined;
    run.resourceVersion = list.resourceVersion;
    if (!this.#history.synced) {
      this.#history.synced = true;
      this.#tools.synced();
    }
    return list.resourceVersion;
  }

  /**
   * After etcd was put back from an older backup, a watch from a later point is accepted and silent for ever, without
   * bookmarks. One that has told anything is not from there.
   */
  async #isAheadOfServer(run: Run): Promise<boolean> {
    const from = versionOf(run.resourceVersion);
    if (run.heard || from === undefined) return false;
    const { resource, namespace } = this.#target;
    const now = await serverVersion(this.#tools.transport, resource, namespace, run.signal);
    return now !== undefined && now < from;
  }

  async #watch(run: Run, resourceVersion: string): Promise<void> {
    for await (const event of watchEvents(this.#target, resourceVersion, this.#tools, run.signal)) {
      if (!this.#isCurrent(run)) return;
      if (event.type === 'OPEN') {
        this.#history.opened();
        run.openedMs = this.#tools.clock.monotonicMs();
        continue;
      }
      this.#history.heard();
      run.heard = true;
      if (event.type === 'DELETED') this.#sink.remove(event.object);
      else if (event.type !== 'BOOKMARK') this.#sink.upsert(event.object);
      run.resourceVersion = event.object.metadata.resourceVersion;
      if (run.missed !== undefined) {
        run.resourceVersion = undefined;
        return;
      }
    }
  }

  /** Also after a clean end: a proxy that closes each watch at once must not make a busy loop. */
  async #pause(run: Run, error: unknown): Promise<void> {
    const { clock, random } = this.#tools;
    const healthy = run.openedMs !== undefined && clock.monotonicMs() - run.openedMs >= HEALTHY_MS;
    run.failures = healthy ? 0 : run.failures + 1;
    if (healthy) run.told = undefined;
    if (error !== undefined) this.#note(run, error);
    const retryAfterMs = error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0;
    await delay(clock, Math.max(backOffMs(BACK_OFF, run.failures, random), retryAfterMs), run.signal);
  }

  #note(run: Run, error: unknown): void {
    const text = this.#history.failed(error);
    // That history expires is the ordinary course of a watch, unless it does so right after the list that cures it.
    if (text === run.told || (isGone(error) && run.failures < 2)) return;
    run.told = text;
    this.#tools.failed(this.health());
  }
}
