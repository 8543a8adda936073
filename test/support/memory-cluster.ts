import { formatTime } from '../../src/api/meta/condition.js';
import type { KubernetesObject } from '../../src/api/meta/object.js';
import { ApiError } from '../../src/modules/kubernetes/api-error.js';
import type { DeleteOptions, KubernetesClient, ListOptions } from '../../src/modules/kubernetes/client.js';
import type { Informer } from '../../src/modules/kubernetes/informer.js';
import type { InformerOptions, Informers } from '../../src/modules/kubernetes/informers.js';
import type { Resource } from '../../src/modules/kubernetes/resource.js';

/** The end of a process in the middle of a pass. */
export class Crash extends Error {}

/** Where a process dies: at its nth write, before it reached the server or after it took effect (the answer is lost). */
export interface CrashPoint {
  write: number;
  when: 'before' | 'after';
}

/**
 * An API server in memory, as far as reconcilers use one: names are unique, a stale resourceVersion or a foreign uid is a
 * Conflict. A double for tests that try every crash point and every cache; the real server has tests of its own.
 */
export class MemoryCluster {
  readonly #objects = new Map<string, KubernetesObject>();
  /** Every creation that succeeded, as `plural/name`. */
  readonly created: string[] = [];
  /** Whether a status is one that the schema has no room for (422). */
  refusesStatus: (status: object) => boolean = () => false;
  /** The time of all processes; a test moves it. */
  now = new Date('2026-01-01T00:00:10Z');
  #version = 0;

  /** Writes an object as somebody else would. */
  put(resource: Resource<KubernetesObject>, object: KubernetesObject): void {
    this.#version += 1;
    const metadata = { ...object.metadata, resourceVersion: String(this.#version) };
    this.#objects.set(keyOf(resource, metadata.namespace ?? '', metadata.name), { ...object, metadata });
  }

  read<T extends KubernetesObject>(resource: Resource<T>, namespace: string, name: string): T | undefined {
    return structuredClone(this.#objects.get(keyOf(resource, namespace, name))) as T | undefined;
  }

  all<T extends KubernetesObject>(resource: Resource<T>): T[] {
    const prefix = `${resource.plural}/`;
    return [...this.#objects]
      .filter(([key]) => key.startsWith(prefix))
      .map(([, object]) => structuredClone(object) as T);
  }

  remove(resource: Resource<KubernetesObject>, namespace: string, name: string): boolean {
    return this.#objects.delete(keyOf(resource, namespace, name));
  }

  /** A process's client; with a crash point its nth write is its last. */
  client(crash?: CrashPoint): KubernetesClient {
    let writes = 0;
    const write = <T>(effect: () => T): Promise<T> => {
      writes += 1;
      if (crash && writes > crash.write) throw new Crash();
      if (crash?.write !== writes) return Promise.resolve(effect());
      if (crash.when === 'after') effect();
      throw new Crash();
    };
    const fail = (code: number, reason: string, { plural }: Resource<KubernetesObject>, name: string): ApiError =>
      new ApiError({ method: 'POST', target: `${plural} ${name}`, code, reason });
    const client: Pick<KubernetesClient, 'get' | 'list' | 'create' | 'mergePatch' | 'delete'> = {
      get: async (resource, namespace, name) => Promise.resolve(this.read(resource, namespace, name)),
      list: async (resource, namespace, options: ListOptions) =>
        Promise.resolve(
          this.all(resource).filter(
            ({ metadata }) => metadata.namespace === namespace && selects(options, metadata.labels),
          ),
        ),
      create: async <T extends KubernetesObject>(resource: Resource<T>, namespace: string, body: object) =>
        write(() => {
          const object = structuredClone(body) as T;
          const { name } = object.metadata;
          if (this.read(resource, namespace, name)) throw fail(409, 'AlreadyExists', resource, name);
          Object.assign(object.metadata, {
            namespace,
            uid: `uid-${this.#version}`,
            creationTimestamp: formatTime(this.now),
          });
          this.put(resource, object);
          this.created.push(`${resource.plural}/${name}`);
          return this.read(resource, namespace, name) as T;
        }),
      mergePatch: async <T extends KubernetesObject>(
        resource: Resource<T>,
        namespace: string,
        name: string,
        patch: object,
      ) =>
        write(() => {
          const current = this.read(resource, namespace, name);
          if (!current) throw fail(404, 'NotFound', resource, name);
          const { metadata, status } = patch as Pick<KubernetesObject, 'metadata'> & { status: object };
          const { uid, resourceVersion } = current.metadata;
          if (metadata.uid !== uid || metadata.resourceVersion !== resourceVersion)
            throw fail(409, 'Conflict', resource, name);
          if (this.refusesStatus(status)) throw fail(422, 'Invalid', resource, name);
          this.put(resource, { ...current, status: merged((current as { status?: object }).status, status) });
          return this.read(resource, namespace, name) as T;
        }),
      delete: async (resource, namespace, name, options: DeleteOptions) =>
        write(() => {
          const current = this.read(resource, namespace, name);
          if (!current) return false;
          if (options.resourceVersion !== undefined && options.resourceVersion !== current.metadata.resourceVersion)
            throw fail(409, 'Conflict', resource, name);
          if (options.uid !== undefined && options.uid !== current.metadata.uid) return false;
          if (!current.metadata.finalizers?.length) return this.remove(resource, namespace, name);
          // Whoever put the finalizer there takes the object away.
          this.put(resource, {
            ...current,
            metadata: { ...current.metadata, deletionTimestamp: '2026-01-01T00:00:20Z' },
          });
          return true;
        }),
    };
    return client as KubernetesClient;
  }

  /** A process's caches: they show the moment of the last `sync`, however old it is. */
  caches(): { informers: Informers; sync: () => void } {
    let snapshot: MemoryCluster = new MemoryCluster();
    const sync = () => {
      snapshot = new MemoryCluster();
      for (const [key, object] of this.#objects) snapshot.#objects.set(key, structuredClone(object));
    };
    const register = <T extends KubernetesObject>(
      resource: Resource<T>,
      { indexes = {}, trim }: InformerOptions<T>,
    ): Informer<T> => {
      const list = () => snapshot.all(resource).map((object) => (trim ? trim(object) : object));
      return {
        resource,
        list,
        get: (namespace, name) =>
          list().find(({ metadata }) => metadata.namespace === namespace && metadata.name === name),
        byIndex: (index, value) => list().filter((object) => indexes[index]?.(object).includes(value)),
        hasSynced: () => true,
        onEvent: () => undefined,
      };
    };
    return { informers: { register } as unknown as Informers, sync };
  }
}

function keyOf({ plural }: Resource<KubernetesObject>, namespace: string, name: string): string {
  return `${plural}/${namespace}/${name}`;
}

function selects({ labelSelector = '' }: ListOptions, labels: Record<string, string> = {}): boolean {
  return labelSelector.split(',').every((term) => {
    const [name = '', value] = term.split('=');
    return name === '' || labels[name] === value;
  });
}

/** JSON merge patch (RFC 7386) for the one level that a status patch has: null removes, lists replace. */
function merged(current: object | undefined, patch: object): object {
  const entries = Object.entries({ ...current, ...patch }).filter(([, value]) => value !== null);
  return Object.fromEntries(
    entries.map(([name, value]: [string, unknown]) => {
      const before = (current as Record<string, unknown> | undefined)?.[name];
      return isMap(value) && isMap(before) ? [name, merged(before, value)] : [name, value];
    }),
  );
}

function isMap(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
