import { getEventListeners } from 'node:events';
import type { Informer, InformerEvent } from '../../src/modules/kubernetes/informer.js';
import { CONFIG_MAPS } from '../../src/modules/kubernetes/resource.js';
import type { WatchHealth } from '../../src/modules/kubernetes/watch-health.js';
import type { ConfigMap } from '../../src/modules/kubernetes/wire.js';
import type { ApiServer } from './api-server.js';
import { eventually } from './eventually.js';
import { FastClock } from './fast-clock.js';
import { FaultProxy } from './fault-proxy/fault-proxy.js';
import { EventLog, kubernetesStack, type KubernetesStack } from './kubernetes-stack.js';
import { seededRandom } from './seeded-random.js';

/** A minute's deadline takes 1.2 s, a watch that is silent is given up after 3 s. */
const CLOCK_FACTOR = 50;

/** `uid@resourceVersion` by name. */
export type Versions = Readonly<Record<string, string>>;

const versionsOf = (objects: readonly ConfigMap[]): Versions =>
  Object.fromEntries(
    objects
      .map(({ metadata }) => [metadata.name, `${metadata.uid}@${metadata.resourceVersion}`] as const)
      .toSorted(([one], [other]) => one.localeCompare(other)),
  );

/** What somebody knows who heard only the events. @throws Error for one that contradicts those before it */
export function toldBy(events: readonly InformerEvent<ConfigMap>[]): Versions {
  const known = new Map<string, ConfigMap>();
  for (const { type, object, previous } of events) {
    const { name, uid, resourceVersion } = object.metadata;
    const before = known.get(name);
    const fits = type === 'added' ? before === undefined : before?.metadata.uid === uid && before === previous;
    if (!fits) throw new Error(`${type} ${name} ${uid}@${resourceVersion} after ${before?.metadata.uid ?? 'nothing'}`);
    if (type === 'deleted') known.delete(name);
    else known.set(name, object);
  }
  return versionsOf([...known.values()]);
}

/** A cache of the ConfigMaps of a namespace, fed through a fault proxy; whoever writes does so past the proxy. */
export class CacheScene {
  readonly proxy: FaultProxy;
  readonly clock = new FastClock(CLOCK_FACTOR);
  readonly stack: KubernetesStack;
  readonly informer: Informer<ConfigMap>;
  readonly events: EventLog<ConfigMap>;
  readonly #server: ApiServer;
  readonly #path: string;
  readonly #running = new AbortController();

  private constructor(server: ApiServer, proxy: FaultProxy, namespace: string) {
    this.#server = server;
    this.proxy = proxy;
    this.#path = `/api/v1/namespaces/${namespace}/configmaps`;
    this.stack = kubernetesStack({ kubeconfig: proxy.kubeconfigPath }, [namespace], this.clock);
    this.informer = this.stack.informers.register(CONFIG_MAPS, {});
    this.events = new EventLog(this.informer);
  }

  /** Makes the namespace; nothing is listed before `start`. */
  static async open(server: ApiServer, namespace: string, seed = 1): Promise<CacheScene> {
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
    await server.client.send('POST', '/api/v1/namespaces', { body });
    return new CacheScene(server, await FaultProxy.start(server, seededRandom(seed)), namespace);
  }

  start(): void {
    this.stack.informers.start(this.#running.signal);
  }

  /** With everything that is there cached and watched. */
  async startWatching(): Promise<void> {
    this.start();
    await eventually(() => {
      if (!this.health().watching) throw new Error('nothing is watched yet');
    });
  }

  /** Writes what there is of `name`; gives its uid. */
  async create(name: string): Promise<string> {
    const body = { metadata: { name }, data: { n: '0' } };
    const answer = await this.#server.client.send('POST', this.#path, { body });
    if (answer.status !== 201) throw new Error(`${name} was not created: ${answer.status}`);
    return (answer.body as ConfigMap).metadata.uid;
  }

  async change(name: string, n: string): Promise<void> {
    const contentType = 'application/merge-patch+json';
    const { status } = await this.#server.client.send('PATCH', `${this.#path}/${name}`, {
      contentType,
      body: { data: { n } },
    });
    if (status !== 200) throw new Error(`${name} was not changed: ${status}`);
  }

  async remove(name: string): Promise<void> {
    const { status } = await this.#server.client.send('DELETE', `${this.#path}/${name}`);
    if (status !== 200) throw new Error(`${name} was not deleted: ${status}`);
  }

  /** What the API server has. */
  async stored(): Promise<Versions> {
    const { body } = await this.#server.client.send('GET', this.#path);
    return versionsOf((body as { items: ConfigMap[] }).items);
  }

  cached(): Versions {
    return versionsOf(this.informer.list());
  }

  told(): Versions {
    return toldBy(this.events.seen);
  }

  /** `type uid` of each event about `name`. */
  eventsOf(name: string): string[] {
    return this.events.seen
      .filter(({ object }) => object.metadata.name === name)
      .map(({ type, object }) => `${type} ${object.metadata.uid}`);
  }

  health(): WatchHealth {
    const health = this.stack.informers.health()[0];
    if (health === undefined) throw new Error('nothing is watched');
    return health;
  }

  /** Waits until the cache has, and was told, what the API server has; nobody may write meanwhile. */
  async whenUpToDate(deadlineMs?: number): Promise<void> {
    const stored = await this.stored();
    await eventually(() => expect(this.cached()).toEqual(stored), deadlineMs);
    expect(this.told()).toEqual(stored);
  }

  /** Stops, and gives what is left of it that should not be. */
  async stop(): Promise<{ timers: number; listeners: number; streams: number }> {
    await this.stack.informers.stop();
    // The proxy hears of an end when its own socket does.
    await eventually(() => expect(this.proxy.openStreams).toBe(0));
    return {
      timers: this.clock.pending,
      listeners: getEventListeners(this.#running.signal, 'abort').length,
      streams: this.proxy.openStreams,
    };
  }

  async close(): Promise<void> {
    await this.stack.close();
    await this.proxy.stop();
  }
}
