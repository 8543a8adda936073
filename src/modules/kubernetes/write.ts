import type { KubernetesObject } from '../../api/meta/object.js';
import type { Resource } from './resource.js';

/** A change of one object, as the API server's authoriser names it. */
export interface Write {
  readonly verb: 'create' | 'patch' | 'delete';
  readonly resource: Resource<KubernetesObject>;
  readonly subresource?: 'status' | undefined;
  readonly namespace: string;
  readonly name: string;
}

/** To be called once the API server has said that a write succeeded. */
export type WriteSucceeded = () => void;
