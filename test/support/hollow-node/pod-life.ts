import { setTimeout as pause } from 'node:timers/promises';
import type { ApiAnswer, ApiClient } from '../api-server/api-client.js';
import type { HollowPod, HollowPodStatus } from './hollow-pod.types.js';
import type { PodScript } from './pod-script.js';
import { checkingOut, over, type PodTimes, pullingImage, runningAgent, unschedulable } from './pod-status.js';

/** Name of the one node. */
export const NODE = 'hollow';

/** An API server that is being restarted is asked again this often. */
const RETRY_MS = 100;
const IMAGE_TURN_MS = 500;

/** What scheduler and kubelet do for one pod, from its creation until its object is gone. */
export class PodLife {
  readonly #client: Pick<ApiClient, 'send'>;
  readonly #pod: HollowPod;
  readonly #script: PodScript;
  readonly #asked = new AbortController();
  readonly #gone = new AbortController();
  #graceMs = 0;
  #times: PodTimes | undefined;
  #isOver = false;

  constructor(client: Pick<ApiClient, 'send'>, pod: HollowPod, script: PodScript) {
    this.#client = client;
    this.#pod = pod;
    this.#script = script;
  }

  /** Resolves once there is nothing left to do; never rejects. */
  async run(): Promise<void> {
    try {
      await this.#live(this.#asked.signal);
    } catch (error) {
      if (!this.#asked.signal.aborted) throw error;
    }
    await this.#until(this.#asked.signal);
    await this.#end();
  }

  /** Its object has a deletionTimestamp. */
  terminate(graceSeconds: number): void {
    this.#graceMs = graceSeconds * 1000;
    this.#asked.abort();
  }

  /** Its object is gone, or the node stops. */
  vanish(): void {
    this.#gone.abort();
    this.#asked.abort();
  }

  async #live(asked: AbortSignal): Promise<void> {
    const { heldAt, scheduleMs, checkoutMs, released, runMs, ending } = this.#script;
    await pause(scheduleMs, undefined, { signal: asked });
    if (heldAt === 'scheduling') return this.#write(unschedulable(new Date()));
    await this.#bind();
    const times: PodTimes = { scheduled: new Date() };
    this.#times = times;
    await this.#write(checkingOut(times));
    await pause(checkoutMs, undefined, { signal: asked });
    if (ending === 'checkoutFails') return this.#finish(over(times, ending, new Date()));
    times.checkedOut = new Date();
    if (heldAt === 'imagePull') return this.#pullForEver(times, asked);
    times.started = new Date();
    if (runMs > 0) await this.#write(runningAgent(times, new Date()));
    if (runMs === Infinity) return;
    await Promise.race([released, this.#until(asked)]);
    await pause(runMs, undefined, { signal: asked });
    await this.#finish(over(times, ending, new Date()));
  }

  async #pullForEver(times: PodTimes, asked: AbortSignal): Promise<void> {
    for (let turn = 0; !asked.aborted; turn += 1) {
      await this.#write(pullingImage(times, turn));
      await pause(IMAGE_TURN_MS, undefined, { signal: asked });
    }
  }

  /** SIGTERM, the time that the pod takes, its last status, and the end of its object, as a kubelet does. */
  async #end(): Promise<void> {
    if (this.#gone.signal.aborted) return;
    if (this.#times !== undefined && !this.#isOver) {
      const stopMs = Math.min(this.#script.stopMs, this.#graceMs);
      await pause(stopMs, undefined, { signal: this.#gone.signal }).catch(() => undefined);
      await this.#finish(over(this.#times, 'stopped', new Date()));
    }
    await this.#persist('DELETE', this.#path(), {
      body: { gracePeriodSeconds: 0, preconditions: { uid: this.#pod.metadata.uid } },
    });
  }

  async #bind(): Promise<void> {
    const { name, uid } = this.#pod.metadata;
    const body = {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name, uid },
      target: { apiVersion: 'v1', kind: 'Node', name: NODE },
    };
    await this.#persist('POST', this.#path('/binding'), { body });
  }

  async #finish(status: HollowPodStatus): Promise<void> {
    this.#isOver = true;
    await this.#write(status);
  }

  async #write(status: HollowPodStatus): Promise<void> {
    const body = { metadata: { uid: this.#pod.metadata.uid }, status };
    await this.#persist('PATCH', this.#path('/status'), { body, contentType: 'application/merge-patch+json' });
  }

  #path(subresource = ''): string {
    const { namespace = '', name } = this.#pod.metadata;
    return `/api/v1/namespaces/${namespace}/pods/${name}${subresource}`;
  }

  /** Again and again until the API server has taken or refused it; a refusal means that another pod has the name. */
  async #persist(method: 'POST' | 'PATCH' | 'DELETE', path: string, request: object): Promise<void> {
    while (!this.#gone.signal.aborted) {
      const answer: ApiAnswer | undefined = await this.#client.send(method, path, request).catch(() => undefined);
      if (answer !== undefined && answer.status < 500 && answer.status !== 429) return;
      await pause(RETRY_MS, undefined, { signal: this.#gone.signal }).catch(() => undefined);
    }
  }

  async #until(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  }
}
