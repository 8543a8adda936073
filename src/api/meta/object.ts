/** One entry of `metadata.ownerReferences`: the garbage collector deletes an object whose owners are all gone. */
export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

/** The fields of metav1.ObjectMeta that this project reads or writes; times are RFC 3339 texts, as on the wire. */
export interface ObjectMeta {
  name: string;
  namespace?: string;
  uid: string;
  resourceVersion: string;
  /** Counts changes of the spec; only the API server moves it. */
  generation?: number;
  creationTimestamp: string;
  /** Set once the object is being deleted; it stays until its last finalizer is gone. */
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
  generateName?: string;
}

/** What every object of the Kubernetes API has. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
}
