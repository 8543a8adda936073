import type { KubernetesObject } from '../../api/meta/object.js';
import type { Resource } from './resource.js';

/** A change of the cache. A re-created object is always a `deleted` followed by an `added`, never an `updated`. */
export interface InformerEvent<T> {
  readonly type: 'added' | 'updated' | 'deleted';
  /** The object now; for `deleted` its last known state. */
  readonly object: T;
  readonly previous?: T;
  /** The watch had passed over this change: a comparison with the API server has found it. */
  readonly missed?: true;
}

/** A read-only cache of one kind, filled by list and watch. Its objects are frozen and shared: never change them. */
export interface Informer<T extends KubernetesObject> {
  readonly resource: Resource<T>;
  get(namespace: string, name: string): T | undefined;
  /** Objects under `value` in an index given at registration. @throws Error when there is no such index */
  byIndex(index: string, value: string): readonly T[];
  list(): readonly T[];
  /** True once every watched namespace was listed completely; it stays true afterwards. */
  hasSynced(): boolean;
  /** Calls `handler` for what is cached already, as `added`, and then for each change, in order. It must be quick. */
  onEvent(handler: (event: InformerEvent<T>) => void): void;
}
