import { Inject, Injectable, Logger } from '@nestjs/common';
import type { KubernetesObject, ObjectMeta } from '../../api/meta/object.js';
import { CLOCK, RANDOM, type Clock, type Random } from '../../domain/clock.js';
import { ApiError } from './api-error.js';
import type { Informer } from './informer.js';
import { KUBERNETES_OPTIONS, type KubernetesOptions } from './kubernetes-options.js';
import { ObjectStore, type StoreOptions } from './object-store.js';
import { Reflector } from './reflector.js';
import { apiVersionOf, type Resource } from './resource.js';
import { Transport } from './transport.js';
import { type ComparedWatch, missedKeys } from './watch-comparison.js';
import type { WatchHealth } from './watch-health.js';

export interface InformerOptions<T> extends StoreOptions<T> {
  /** Only these objects are cached; all registrations of a kind must say the same. */
  readonly labelSelector?: string;
}

/** How many objects a log line names. */
const MAX_NAMED = 10;

interface Registration {
  readonly labelSelector: string | undefined;
  /** An ObjectStore of the resource's type, which `register` knows. */
  readonly store: unknown;
  readonly reflectors: readonly Pick<
    Reflector<KubernetesObject>,
    'run' | 'health' | 'watches' | 'isUpToDate' | 'relist'
  >[];
  /** What each reflector feeds, in the same order. */
  readonly compared: readonly ComparedWatch[];
}

/** All caches of the process: one per kind, fed by one list+watch per watched namespace. */
@Injectable()
export class Informers {
  readonly #logger = new Logger(Informers.name);
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #namespaces: readonly (string | undefined)[];
  readonly #registrations = new Map<string, Registration>();
  readonly #syncWaiters = new Set<() => void>();
  #running: { readonly stop: AbortController; readonly ended: Promise<unknown> } | undefined;

  constructor(
    transport: Transport,
    @Inject(CLOCK) clock: Clock,
    @Inject(RANDOM) random: Random,
    @Inject(KUBERNETES_OPTIONS) options: Pick<KubernetesOptions, 'watchNamespaces'>,
  ) {
    this.#transport = transport;
    this.#clock = clock;
    this.#random = random;
    this.#namespaces = options.watchNamespaces === '*' ? [undefined] : [...new Set(options.watchNamespaces)];
  }

  /**
   * Asks for a cache of a kind. All who ask for a kind share one: indexes add up, and one's `trim` holds for all.
   *
   * @throws Error while the caches run, or when it contradicts an earlier registration
   */
  register<T extends KubernetesObject>(resource: Resource<T>, options: InformerOptions<T>): Informer<T> {
    if (this.#running !== undefined) throw new Error(`informer of ${resource.kind} registered after the start`);
    const key = `${apiVersionOf(resource)}/${resource.plural}`;
    const known = this.#registrations.get(key);
    if (known !== undefined && known.labelSelector !== options.labelSelector) {
      throw new Error(`${resource.kind} is watched with two different label selectors`);
    }
    const { store } = known ?? this.#add(key, resource, options.labelSelector);
    const typed = store as ObjectStore<T>;
    typed.configure(options);
    return typed;
  }

  /** Begins to list and watch; ends with the signal or with `stop`. */
  start(signal: AbortSignal): void {
    if (this.#running !== undefined) throw new Error('informers are running');
    const stop = new AbortController();
    const abort = (): void => {
      stop.abort();
    };
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    const runs = this.#reflectors().map((reflector) => reflector.run(stop.signal));
    const ended = Promise.all(runs).finally(() => {
      signal.removeEventListener('abort', abort);
    });
    this.#running = { stop, ended };
  }

  /** Resolves once every cache is complete. @throws the signal's reason when it aborts before that */
  async waitForSync(signal: AbortSignal): Promise<void> {
    while (!this.hasSynced()) {
      await new Promise<void>((resolve, reject) => {
        const settle = (): void => {
          this.#syncWaiters.delete(settle);
          signal.removeEventListener('abort', settle);
          if (signal.aborted) reject(signal.reason as Error);
          else resolve();
        };
        if (signal.aborted) {
          settle();
          return;
        }
        this.#syncWaiters.add(settle);
        signal.addEventListener('abort', settle, { once: true });
      });
    }
  }

  /** True once every cache is complete; it stays true when watches break later. */
  hasSynced(): boolean {
    return this.#reflectors().every((reflector) => reflector.health().synced);
  }

  /**
   * True while every watch of the namespace is open and has had the time to tell what happened while it was not. Those of
   * other namespaces do not count: of hundreds of watches one is always being opened again, and one may never be.
   */
  areUpToDate(namespace: string): boolean {
    return this.#reflectors().every((reflector) => !reflector.watches(namespace) || reflector.isUpToDate());
  }

  /**
   * Compares every cache with the API server, one after the other, and has those listed anew whose watch has passed over
   * changes. Their events say so (`missed`). A list that fails is left to the next comparison; never rejects.
   */
  async compare(signal: AbortSignal): Promise<void> {
    for (const { reflectors, compared } of this.#registrations.values()) {
      for (const [index, watch] of compared.entries()) {
        if (signal.aborted) return;
        const missed = await this.#missedBy(watch, signal);
        if (missed.size > 0) reflectors[index]?.relist(missed);
      }
    }
  }

  /** Ends all watches; no handler is called once this was called. */
  async stop(): Promise<void> {
    const running = this.#running;
    running?.stop.abort();
    await running?.ended;
    // Two may wait for the same end, and one of them may have started anew.
    if (this.#running === running) this.#running = undefined;
  }

  health(): readonly WatchHealth[] {
    return this.#reflectors().map((reflector) => reflector.health());
  }

  async #missedBy(watch: ComparedWatch, signal: AbortSignal): Promise<ReadonlySet<string>> {
    const { kind } = watch.resource;
    try {
      const missed = await missedKeys(watch, { transport: this.#transport, clock: this.#clock }, signal);
      const objects = [...missed].slice(0, MAX_NAMED);
      if (missed.size > 0)
        this.#logger.warn({ msg: 'a watch has left out changes', kind, count: missed.size, objects });
      return missed;
    } catch (error) {
      this.#logger.debug({
        msg: 'a cache could not be compared',
        kind,
        reason: error instanceof ApiError ? error.message : 'unexpected',
      });
      return new Set();
    }
  }

  #reflectors(): Registration['reflectors'] {
    return [...this.#registrations.values()].flatMap((registration) => registration.reflectors);
  }

  #add<T extends KubernetesObject>(
    key: string,
    resource: Resource<T>,
    labelSelector: string | undefined,
  ): Registration {
    const store = new ObjectStore(resource, (what, error) => {
      this.#logger.error({ msg: `${what} failed`, err: error });
    });
    const tools = {
      transport: this.#transport,
      clock: this.#clock,
      random: this.#random,
      synced: () => {
        for (const waiter of this.#syncWaiters) waiter();
      },
      failed: (health: WatchHealth) => {
        this.#logger.warn({ msg: 'watch failed', ...health });
      },
    };
    const reflectors = this.#namespaces.map(
      (namespace) => new Reflector({ resource, namespace, labelSelector }, store.sink(namespace), tools),
    );
    store.syncedWhen(() => reflectors.every((reflector) => reflector.health().synced));
    const compared = reflectors.map((reflector, index) => ({
      resource,
      namespace: this.#namespaces[index],
      labelSelector,
      cached: () => store.listOf(this.#namespaces[index]),
      cachedOf: ({ namespace = '', name }: ObjectMeta) => store.get(namespace, name),
      toldUpTo: () => reflector.toldUpTo(),
    }));
    const registration = { labelSelector, store, reflectors, compared };
    this.#registrations.set(key, registration);
    return registration;
  }
}
