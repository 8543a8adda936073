import { setTimeout as pause } from 'node:timers/promises';
import { ApiClient, type ApiEndpoint } from '../api-server/api-client.js';
import type { HollowPod } from './hollow-pod.types.js';
import { NODE, PodLife } from './pod-life.js';
import type { PodScript } from './pod-script.js';
import { PodWatch } from './pod-watch.js';

const RETRY_MS = 100;

/**
 * A double of scheduler, kubelet and container runtime: it starts no process. It binds each pod and writes the states that a
 * real kubelet would write, as its script says; it lets a pod that is deleted end within its grace and removes it. All
 * controllers around it are real. It outlives restarts of the API server.
 */
export class HollowNode {
  readonly #client: ApiClient;
  readonly #scriptOf: (pod: HollowPod) => PodScript;
  readonly #stop = new AbortController();
  readonly #lives = new Map<string, PodLife>();
  readonly #watch: Promise<void>;
  #failure: unknown;

  private constructor(endpoint: ApiEndpoint, scriptOf: (pod: HollowPod) => PodScript) {
    this.#client = new ApiClient(endpoint);
    this.#scriptOf = scriptOf;
    const watch = new PodWatch(endpoint, {
      replace: (pods) => this.#replace(pods),
      upsert: (pod) => this.#upsert(pod),
      remove: ({ metadata }) => this.#remove(metadata.uid),
    });
    this.#watch = watch.run(this.#stop.signal);
  }

  /** Registers the node and serves every pod of the cluster. Whoever starts it stops it. */
  static async start(endpoint: ApiEndpoint, scriptOf: (pod: HollowPod) => PodScript): Promise<HollowNode> {
    const node = new HollowNode(endpoint, scriptOf);
    await node.#register();
    return node;
  }

  /** @throws what went wrong inside of it, if anything did */
  async stop(): Promise<void> {
    this.#stop.abort();
    for (const life of this.#lives.values()) life.vanish();
    await this.#watch;
    await this.#client.close();
    if (this.#failure !== undefined) throw this.#failure as Error;
  }

  /** Pods of a node that does not exist are removed by the pod garbage collector. */
  async #register(): Promise<void> {
    const body = { apiVersion: 'v1', kind: 'Node', metadata: { name: NODE } };
    for (;;) {
      const { status } = await this.#client.send('POST', '/api/v1/nodes', { body });
      if (status === 201 || status === 409) return;
      await pause(RETRY_MS);
    }
  }

  #replace(pods: readonly HollowPod[]): void {
    const there = new Set(pods.map(({ metadata }) => metadata.uid));
    for (const uid of this.#lives.keys()) if (!there.has(uid)) this.#remove(uid);
    for (const pod of pods) this.#upsert(pod);
  }

  #upsert(pod: HollowPod): void {
    const { uid, deletionTimestamp, deletionGracePeriodSeconds = 0 } = pod.metadata;
    const life = this.#lives.get(uid) ?? this.#begin(pod);
    if (deletionTimestamp !== undefined) life.terminate(deletionGracePeriodSeconds);
  }

  #begin(pod: HollowPod): PodLife {
    const life = new PodLife(this.#client, pod, this.#scriptOf(pod));
    this.#lives.set(pod.metadata.uid, life);
    life.run().catch((error: unknown) => (this.#failure ??= error));
    return life;
  }

  #remove(uid: string): void {
    this.#lives.get(uid)?.vanish();
    this.#lives.delete(uid);
  }
}
