import type { KubernetesObject } from '../../api/meta/object.js';
import type { ConfigMap, Event, Job, Lease, Pod } from './wire.js';

/** A namespaced kind as its URL names it; `T` is the type of its objects. */
export interface Resource<T extends KubernetesObject> {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  /** Never set: it only carries the type. */
  readonly __type?: T;
}

export const JOBS: Resource<Job> = { group: 'batch', version: 'v1', plural: 'jobs', kind: 'Job' };
export const PODS: Resource<Pod> = { group: '', version: 'v1', plural: 'pods', kind: 'Pod' };
export const CONFIG_MAPS: Resource<ConfigMap> = { group: '', version: 'v1', plural: 'configmaps', kind: 'ConfigMap' };
export const EVENTS: Resource<Event> = { group: 'events.k8s.io', version: 'v1', plural: 'events', kind: 'Event' };
export const LEASES: Resource<Lease> = {
  group: 'coordination.k8s.io',
  version: 'v1',
  plural: 'leases',
  kind: 'Lease',
};

/** `group/version`, or the version alone for the core group. */
export function apiVersionOf(resource: Pick<Resource<KubernetesObject>, 'group' | 'version'>): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
}

/** Path of a collection (no name) or an object; without a namespace, the collection over all namespaces. */
export function resourcePath(
  resource: Resource<KubernetesObject>,
  namespace: string | undefined,
  name?: string,
  subresource?: string,
): string {
  const parts = [
    ...(resource.group === '' ? ['api'] : ['apis', resource.group]),
    resource.version,
    ...(namespace === undefined ? [] : ['namespaces', namespace]),
    resource.plural,
    ...(name === undefined ? [] : [name]),
    ...(subresource === undefined ? [] : [subresource]),
  ];
  return `/${parts.map(encodeURIComponent).join('/')}`;
}
