import { Logger } from '@nestjs/common';
import type { InformerEvent } from '../../src/modules/kubernetes/informer.js';
import { Informers } from '../../src/modules/kubernetes/informers.js';
import { CONFIG_MAPS } from '../../src/modules/kubernetes/resource.js';
import { Transport } from '../../src/modules/kubernetes/transport.js';
import type { ConfigMap } from '../../src/modules/kubernetes/wire.js';
import { ApiDouble, type Exchange } from './api-double.js';
import { FakeClock } from './fake-clock.js';

/** What the middle of the jitter makes of the first, second, third failure in a row. */
export const BACK_OFF_MS = [800, 1600, 3200] as const;

export const configMap = (name: string, uid: string, resourceVersion: string): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'a', uid, resourceVersion, creationTimestamp: '2026-01-13T09:00:00Z' },
});

export const bookmark = (resourceVersion: string): object => ({ kind: 'ConfigMap', metadata: { resourceVersion } });

/** Informers whose API server is a double that the test answers for, on a clock that the test moves. */
export class InformerScene {
  readonly api: ApiDouble;
  readonly clock = new FakeClock();
  readonly informers: Informers;
  readonly #transport: Transport;

  private constructor(api: ApiDouble, watchNamespaces: readonly string[] | '*') {
    this.api = api;
    this.#transport = new Transport(api, this.clock, { requested: () => undefined }, { version: '1.2.3' });
    this.informers = new Informers(this.#transport, this.clock, () => 0.5, { watchNamespaces });
  }

  static async open(watchNamespaces: readonly string[] | '*' = ['a']): Promise<InformerScene> {
    Logger.overrideLogger(false);
    return new InformerScene(await ApiDouble.start(), watchNamespaces);
  }

  async close(): Promise<void> {
    await this.informers.stop();
    await this.#transport.close();
    await this.api.stop();
  }

  /** Watches ConfigMaps; `next` waits for the next event, `seen` are those that nobody has waited for. */
  start() {
    const informer = this.informers.register(CONFIG_MAPS, {});
    const seen: string[] = [];
    const waiting: ((event: string) => void)[] = [];
    informer.onEvent(({ type, object }: InformerEvent<ConfigMap>) => {
      const text = `${type} ${object.metadata.name} ${object.metadata.uid}@${object.metadata.resourceVersion}`;
      const waiter = waiting.shift();
      if (waiter === undefined) seen.push(text);
      else waiter(text);
    });
    this.informers.start(new AbortController().signal);
    const next = (): Promise<string> => {
      const event = seen.shift();
      return event === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(event);
    };
    return { informer, next, seen };
  }

  /** Answers the first list and accepts the watch that follows. */
  async listThenWatch(resourceVersion: string, items: readonly object[] = []): Promise<Exchange> {
    (await this.api.next()).list(resourceVersion, items);
    return (await this.api.next()).open();
  }

  /** Lets the next try begin once the code under test waits for it. */
  async passBackOff(failures: 1 | 2 | 3 = 1): Promise<void> {
    const ms = BACK_OFF_MS[failures - 1] ?? 0;
    await this.clock.timerOf(ms);
    await this.clock.advance(ms);
  }
}
