import { keyOf } from '../../api/meta/key.js';
import type { KubernetesObject } from '../../api/meta/object.js';
import { deepFreeze } from './deep-freeze.js';
import type { Informer, InformerEvent } from './informer.js';
import { ObjectIndex, type DefectReport, type IndexFunction } from './object-index.js';
import type { ReflectorSink } from './reflector.js';
import type { Resource } from './resource.js';

export interface StoreOptions<T> {
  /** Gives the values under which an object is found; the order says nothing. */
  readonly indexes?: Readonly<Record<string, IndexFunction<T>>>;
  /** Drops what no reader needs, before the object is kept; changes the object it is given or returns another. */
  readonly trim?: (object: T) => T;
}

/** The cache behind an informer: objects by namespace and name, indexes, and handlers told of each change in order. */
export class ObjectStore<T extends KubernetesObject> implements Informer<T> {
  readonly resource: Resource<T>;
  readonly #report: DefectReport;
  readonly #objects = new Map<string, Map<string, T>>();
  readonly #indexes = new Map<string, ObjectIndex<T>>();
  readonly #handlers: ((event: InformerEvent<T>) => void)[] = [];
  #trim: ((object: T) => T) | undefined;
  #synced: () => boolean = () => false;
  /** Keys of changes that a watch had passed over, while the list that has them is taken in. */
  #missed: ReadonlySet<string> | undefined;

  constructor(resource: Resource<T>, report: DefectReport) {
    this.resource = resource;
    this.#report = report;
  }

  /** Adds to what earlier registrations asked for. @throws Error when it contradicts them */
  configure(options: StoreOptions<T>): void {
    for (const [name, values] of Object.entries(options.indexes ?? {})) {
      const known = this.#indexes.get(name);
      if (known !== undefined && known.values !== values) {
        throw new Error(`${this.resource.kind} has two different indexes "${name}"`);
      }
      if (known === undefined) this.#indexes.set(name, new ObjectIndex(values, this.#report));
    }
    if (options.trim !== undefined && this.#trim !== undefined && options.trim !== this.#trim) {
      throw new Error(`${this.resource.kind} has two different trims`);
    }
    this.#trim = options.trim ?? this.#trim;
  }

  /** Says where `hasSynced` comes from. */
  syncedWhen(synced: () => boolean): void {
    this.#synced = synced;
  }

  get(namespace: string, name: string): T | undefined {
    return this.#objects.get(namespace)?.get(name);
  }

  byIndex(index: string, value: string): readonly T[] {
    const found = this.#indexes.get(index);
    if (found === undefined) throw new Error(`${this.resource.kind} has no index "${index}"`);
    return found.get(value);
  }

  list(): readonly T[] {
    return [...this.#objects.values()].flatMap((objects) => [...objects.values()]);
  }

  /** What is cached of a namespace, or of all namespaces when it is undefined. */
  listOf(namespace: string | undefined): readonly T[] {
    return namespace === undefined ? this.list() : [...(this.#objects.get(namespace)?.values() ?? [])];
  }

  hasSynced(): boolean {
    return this.#synced();
  }

  onEvent(handler: (event: InformerEvent<T>) => void): void {
    this.#handlers.push(handler);
    for (const object of this.list()) this.#tell(handler, { type: 'added', object });
  }

  /** The way in for a reflector of `namespace`, or of all namespaces when it is undefined. */
  sink(namespace: string | undefined): ReflectorSink<T> {
    return {
      prepare: (object) => this.#prepareUnlessCached(object),
      replace: (objects, missed) => {
        this.#missed = missed;
        this.#replace(namespace, objects);
        this.#missed = undefined;
      },
      upsert: (object) => {
        this.#upsert(this.#prepareUnlessCached(object));
      },
      remove: (object) => {
        this.#remove(object);
      },
    };
  }

  #replace(namespace: string | undefined, objects: readonly T[]): void {
    const present = new Set(objects.map((object) => object.metadata.uid));
    const cached = this.listOf(namespace);
    // What is gone goes first: a namesake that came after it is an object of its own.
    for (const object of cached) if (!present.has(object.metadata.uid)) this.#delete(object, object);
    for (const object of objects) this.#upsert(object);
  }

  #upsert(object: T): void {
    const previous = this.#namesake(object);
    // A list after a gap repeats what was known.
    if (previous !== undefined && isSameVersion(previous, object)) return;
    if (previous?.metadata.uid === object.metadata.uid) {
      this.#keep(object, previous);
      this.#emit({ type: 'updated', object, previous });
      return;
    }
    if (previous !== undefined) this.#delete(previous, previous);
    this.#keep(object);
    this.#emit({ type: 'added', object });
  }

  #remove(received: T): void {
    const previous = this.#namesake(received);
    // The end of an object whose namesake is cached already says nothing about the namesake.
    if (previous?.metadata.uid === received.metadata.uid) this.#delete(previous, this.#prepare(received));
  }

  /** What is cached under the name of `object`. */
  #namesake({ metadata }: T): T | undefined {
    return this.get(metadata.namespace ?? '', metadata.name);
  }

  #keep(object: T, previous?: T): void {
    const namespace = object.metadata.namespace ?? '';
    const objects = this.#objects.get(namespace) ?? new Map<string, T>();
    this.#objects.set(namespace, objects.set(object.metadata.name, object));
    for (const index of this.#indexes.values()) index.replace(previous, object);
  }

  #delete(previous: T, last: T): void {
    const namespace = previous.metadata.namespace ?? '';
    const objects = this.#objects.get(namespace);
    objects?.delete(previous.metadata.name);
    if (objects?.size === 0) this.#objects.delete(namespace);
    for (const index of this.#indexes.values()) index.replace(previous, undefined);
    this.#emit({ type: 'deleted', object: last, previous });
  }

  /** The cached object itself when it is this very version: a list after a gap holds few others. */
  #prepareUnlessCached(received: T): T {
    const cached = this.#namesake(received);
    return cached !== undefined && isSameVersion(cached, received) ? cached : this.#prepare(received);
  }

  #prepare(received: T): T {
    // Often half of an object, and only the API server reads it.
    delete (received.metadata as { managedFields?: unknown }).managedFields;
    return deepFreeze(this.#trimmed(received));
  }

  #trimmed(received: T): T {
    if (this.#trim === undefined) return received;
    try {
      return this.#trim(received);
    } catch (error) {
      this.#report(`trim of ${this.resource.kind}`, error);
      return received;
    }
  }

  #emit(event: InformerEvent<T>): void {
    const isMissed = this.#missed?.has(keyOf(event.object.metadata)) ?? false;
    for (const handler of this.#handlers) this.#tell(handler, isMissed ? { ...event, missed: true } : event);
  }

  #tell(handler: (event: InformerEvent<T>) => void, event: InformerEvent<T>): void {
    try {
      handler(event);
    } catch (error) {
      this.#report(`handler of ${this.resource.kind} events`, error);
    }
  }
}

function isSameVersion(one: KubernetesObject, other: KubernetesObject): boolean {
  const { uid, resourceVersion } = one.metadata;
  return uid === other.metadata.uid && resourceVersion === other.metadata.resourceVersion;
}
