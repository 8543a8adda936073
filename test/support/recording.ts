import { createInterface } from 'node:readline';
import type { KubernetesObject } from '../../src/api/meta/object.js';
import { startKubectl } from './cluster.js';

/** One event of a watch; `object` is as it was right after that. */
export interface RecordedEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: T;
}

interface Waiter {
  look(): void;
  fail(error: Error): void;
}

/** Everything that happens to the objects of one resource in a namespace, version by version, from a moment on. */
export class Recording<T extends KubernetesObject> {
  readonly events: RecordedEvent<T>[] = [];
  readonly #path: string;
  readonly #kubectl: Awaited<ReturnType<typeof startKubectl>>;
  readonly #waiters = new Set<Waiter>();

  private constructor(path: string, kubectl: Awaited<ReturnType<typeof startKubectl>>) {
    this.#path = path;
    this.#kubectl = kubectl;
    let complaint = '';
    kubectl.stderr.on('data', (text: Buffer) => (complaint += text.toString()));
    createInterface(kubectl.stdout).on('line', (line) => {
      const event = JSON.parse(line) as RecordedEvent<T>;
      this.events.push(event);
      for (const waiter of this.#waiters) waiter.look();
    });
    kubectl.once('close', () => {
      for (const waiter of this.#waiters) waiter.fail(new Error(`the watch of ${path} ended: ${complaint}`));
    });
  }

  /**
   * Watches a collection.
   * @param path of the API, such as `/apis/batch/v1/namespaces/NS/jobs`
   */
  static async start<T extends KubernetesObject>(path: string): Promise<Recording<T>> {
    return new Recording<T>(path, await startKubectl(['get', '--raw', `${path}?watch=1`]));
  }

  /** All versions of an object that was there, oldest first. */
  versions(name: string): T[] {
    return this.#of(name).map(({ object }) => object);
  }

  /** How many objects that fit were ever there, each counted once however often its name was used. */
  created(fits: (object: T) => boolean = () => true): number {
    return new Set(this.events.flatMap(({ object }) => (fits(object) ? [object.metadata.uid] : []))).size;
  }

  /** The object's last state; undefined when it is gone or never was there. */
  current(name: string): T | undefined {
    const last = this.#of(name).at(-1);
    return last?.type === 'DELETED' ? undefined : last?.object;
  }

  /**
   * Resolves with the first event that fits, also one of the past.
   * @throws Error with the events so far when none comes in time
   */
  until(fits: (event: RecordedEvent<T>) => boolean, timeoutMs = 90_000): Promise<T> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
      };
      const fail = (error: Error): void => {
        end();
        reject(error);
      };
      const look = (): void => {
        const found = this.events.find(fits);
        if (found === undefined) return;
        end();
        resolve(found.object);
      };
      const waiter = { look, fail };
      const timer = setTimeout(() => fail(new Error(`no such event: ${this.#summary()}`)), timeoutMs);
      this.#waiters.add(waiter);
      look();
    });
  }

  /** Resolves once an object is in a state; only its last one counts. */
  async reached(name: string, fits: (object: T) => boolean, timeoutMs?: number): Promise<T> {
    const isLast = ({ type, object }: RecordedEvent<T>): boolean =>
      type !== 'DELETED' && object.metadata.name === name && object === this.current(name) && fits(object);
    return this.until(isLast, timeoutMs);
  }

  stop(): void {
    this.#waiters.clear();
    this.#kubectl.kill();
  }

  #of(name: string): RecordedEvent<T>[] {
    return this.events.filter(({ object }) => object.metadata.name === name);
  }

  #summary(): string {
    const names = [...new Set(this.events.map(({ object }) => object.metadata.name))];
    const last = names.map((name) => JSON.stringify(this.#of(name).at(-1)));
    return `of ${this.#path} are there:\n${last.join('\n').slice(0, 8_000)}`;
  }
}
