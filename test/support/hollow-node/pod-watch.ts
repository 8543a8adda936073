import { setTimeout as pause } from 'node:timers/promises';
import { Agent, request } from 'undici';
import type { ApiEndpoint } from '../api-server/api-client.js';
import { lines } from '../lines.js';
import type { HollowPod } from './hollow-pod.types.js';

const PODS = '/api/v1/pods';
const AGAIN_MS = 100;

/** Told of every pod of the cluster, and of all that there are after each list. */
export interface PodSink {
  replace(pods: readonly HollowPod[]): void;
  upsert(pod: HollowPod): void;
  remove(pod: HollowPod): void;
}

/** A bare list and watch that leans on nothing of the code under test. It comes back whenever its stream ends. */
export class PodWatch {
  readonly #endpoint: ApiEndpoint;
  readonly #sink: PodSink;
  readonly #agent: Agent;

  constructor(endpoint: ApiEndpoint, sink: PodSink) {
    this.#endpoint = endpoint;
    this.#sink = sink;
    this.#agent = new Agent({ connect: { ca: endpoint.certificate }, bodyTimeout: 0 });
  }

  /** Resolves once the signal aborts; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#session(signal).catch(() => undefined);
      await pause(AGAIN_MS, undefined, { signal }).catch(() => undefined);
    }
    await this.#agent.destroy();
  }

  async #session(signal: AbortSignal): Promise<void> {
    const list = (await (await this.#get(PODS, signal)).json()) as {
      metadata: { resourceVersion: string };
      items: HollowPod[];
    };
    this.#sink.replace(list.items);
    const { resourceVersion } = list.metadata;
    const stream = await this.#get(`${PODS}?watch=1&timeoutSeconds=3600&resourceVersion=${resourceVersion}`, signal);
    for await (const line of lines(stream)) {
      const event = JSON.parse(line) as { type: string; object: HollowPod };
      if (event.type === 'ERROR') return;
      if (event.type === 'DELETED') this.#sink.remove(event.object);
      else this.#sink.upsert(event.object);
    }
  }

  async #get(path: string, signal: AbortSignal) {
    const { url, token } = this.#endpoint;
    const headers = { authorization: `Bearer ${token}` };
    const { statusCode, body } = await request(url + path, { dispatcher: this.#agent, headers, signal });
    if (statusCode === 200) return body;
    await body.dump();
    throw new Error(`GET ${path}: ${statusCode}`);
  }
}
