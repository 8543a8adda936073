import type { EventsV1Event, V1ConfigMap, V1Job, V1Lease, V1Pod } from '@kubernetes/client-node';
import type { KubernetesObject } from '../../api/meta/object.js';

/** A type of client-node as it is on the wire: times are RFC 3339 texts, since raw JSON is never turned into models. */
type Wire<T> = T extends Date
  ? string
  : T extends readonly (infer Item)[]
    ? Wire<Item>[]
    : T extends object
      ? { [Key in keyof T]: Wire<T[Key]> }
      : T;

type Builtin<T> = Wire<Omit<T, keyof KubernetesObject>> & KubernetesObject;

export type Job = Builtin<V1Job>;
export type Pod = Builtin<V1Pod>;
export type ConfigMap = Builtin<V1ConfigMap>;
export type Lease = Builtin<V1Lease>;
export type Event = Builtin<EventsV1Event>;
