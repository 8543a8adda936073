import type { KubernetesObject } from '../../api/meta/object.js';
import type { AgentProvider } from '../../api/v1alpha1/agent-provider.types.js';
import type { AgentRun } from '../../api/v1alpha1/agent-run.types.js';
import type { Agent } from '../../api/v1alpha1/agent.types.js';
import { GROUP, VERSION } from '../../api/v1alpha1/group-version.js';
import type { ImplementationSpec } from '../../api/v1alpha1/implementation-spec.types.js';
import type { Memory } from '../../api/v1alpha1/memory.types.js';
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

const ours = <T extends KubernetesObject>(kind: string, plural: string): Resource<T> => ({
  group: GROUP,
  version: VERSION,
  plural,
  kind,
});

export const AGENTS = ours<Agent>('Agent', 'agents');
export const AGENT_PROVIDERS = ours<AgentProvider>('AgentProvider', 'agentproviders');
export const AGENT_RUNS = ours<AgentRun>('AgentRun', 'agentruns');
export const IMPLEMENTATION_SPECS = ours<ImplementationSpec>('ImplementationSpec', 'implementationspecs');
export const MEMORIES = ours<Memory>('Memory', 'memories');
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
