import type { KubernetesObject } from '../../src/api/meta/object.js';
import type { InformerOptions, Informers } from '../../src/modules/kubernetes/informers.js';
import { ObjectStore } from '../../src/modules/kubernetes/object-store.js';
import type { ReflectorSink } from '../../src/modules/kubernetes/reflector.js';
import type { Resource } from '../../src/modules/kubernetes/resource.js';

/** The real caches, fed by a test instead of a watch: each change is an event at once. */
export class CacheFeed {
  readonly #stores = new Map<string, unknown>();
  #version = 0;

  readonly informers = {
    register: <T extends KubernetesObject>(resource: Resource<T>, options: InformerOptions<T>) => {
      const store = this.#store(resource);
      store.configure(options);
      return store;
    },
  } as unknown as Informers;

  put<T extends KubernetesObject>(resource: Resource<T>, object: T): void {
    this.deliver(resource, this.#versioned(object));
  }

  /** The event of an object that has its version from somewhere else. */
  deliver<T extends KubernetesObject>(resource: Resource<T>, object: T): void {
    this.#sink(resource).upsert(object);
  }

  remove<T extends KubernetesObject>(resource: Resource<T>, object: T): void {
    this.#sink(resource).remove(this.#versioned(object));
  }

  #versioned<T extends KubernetesObject>(object: T): T {
    this.#version += 1;
    const copy = structuredClone(object);
    return { ...copy, metadata: { ...copy.metadata, resourceVersion: String(this.#version) } };
  }

  #sink<T extends KubernetesObject>(resource: Resource<T>): ReflectorSink<T> {
    return this.#store(resource).sink(undefined);
  }

  #store<T extends KubernetesObject>(resource: Resource<T>): ObjectStore<T> {
    const fail = (what: string, error: unknown): never => {
      throw new Error(`${what} failed`, { cause: error });
    };
    const known = this.#stores.get(resource.plural) as ObjectStore<T> | undefined;
    const store = known ?? new ObjectStore(resource, fail);
    this.#stores.set(resource.plural, store);
    return store;
  }
}
