import { Logger } from '@nestjs/common';
import { KubernetesClient } from '../../src/modules/kubernetes/client.js';
import { Credentials, type KubeConfigSource } from '../../src/modules/kubernetes/credentials.js';
import { EventRecorder } from '../../src/modules/kubernetes/event-recorder.js';
import type { Informer, InformerEvent } from '../../src/modules/kubernetes/informer.js';
import { Informers } from '../../src/modules/kubernetes/informers.js';
import { SystemClock } from '../../src/modules/kubernetes/system-clock.js';
import { Transport } from '../../src/modules/kubernetes/transport.js';
import type { KubernetesObject } from '../../src/api/meta/object.js';
import type { Clock } from '../../src/domain/clock.js';

/** The kubernetes module as the process composes it, without Nest. */
export interface KubernetesStack {
  readonly transport: Transport;
  readonly client: KubernetesClient;
  readonly informers: Informers;
  readonly events: EventRecorder;
  /** `verb code` of each request so far. */
  readonly requested: string[];
  /** What became of each event. */
  readonly eventResults: string[];
  close(): Promise<void>;
}

export function kubernetesStack(
  source: KubeConfigSource,
  watchNamespaces: readonly string[] | '*',
  clock: Clock = new SystemClock(),
): KubernetesStack {
  Logger.overrideLogger(false);
  const options = { version: 'test', watchNamespaces, instance: 'jangar-test' };
  const requested: string[] = [];
  const eventResults: string[] = [];
  const observer = {
    requested: (verb: string, code: number) => requested.push(`${verb} ${code}`),
    eventFinished: (result: string) => eventResults.push(result),
  };
  const transport = new Transport(new Credentials(source, clock), clock, observer, options);
  const client = new KubernetesClient(transport);
  const informers = new Informers(transport, clock, Math.random, options);
  const events = new EventRecorder(client, clock, Math.random, observer, options);
  const close = async (): Promise<void> => {
    await Promise.all([informers.stop(), events.stop()]);
    await transport.close();
  };
  return { transport, client, informers, events, requested, eventResults, close };
}

/** Follows an informer from the moment it is made. */
export class EventLog<T extends KubernetesObject> {
  readonly seen: InformerEvent<T>[] = [];
  readonly #waiters = new Set<() => void>();

  constructor(informer: Informer<T>) {
    informer.onEvent((event) => {
      this.seen.push(event);
      for (const waiter of this.#waiters) waiter();
    });
  }

  /** Resolves with the first event that fits; the test's own time limit ends the wait. */
  until(fits: (event: InformerEvent<T>) => boolean): Promise<InformerEvent<T>> {
    return new Promise((resolve) => {
      const look = (): void => {
        const found = this.seen.find(fits);
        if (found === undefined) return;
        this.#waiters.delete(look);
        resolve(found);
      };
      this.#waiters.add(look);
      look();
    });
  }
}
