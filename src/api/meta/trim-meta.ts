import type { KubernetesObject, ObjectMeta } from './object.js';
import { pick } from './pick.js';

const KEPT = [
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'finalizers',
  'ownerReferences',
] as const;

/**
 * What a cache keeps of an object's metadata: identity, life and owners, and of labels and annotations those that are named
 * (`kubectl apply` keeps a copy of the whole object in an annotation).
 */
export function trimMeta(
  { metadata }: Pick<KubernetesObject, 'metadata'>,
  read: { readonly labels?: readonly string[]; readonly annotations?: readonly string[] } = {},
): ObjectMeta {
  const labels = metadata.labels && pick(metadata.labels, read.labels ?? []);
  const annotations = metadata.annotations && pick(metadata.annotations, read.annotations ?? []);
  return {
    ...pick(metadata, KEPT),
    ...(hasEntries(labels) && { labels }),
    ...(hasEntries(annotations) && { annotations }),
  };
}

function hasEntries<T extends object>(value: T | undefined): value is T {
  return value !== undefined && Object.keys(value).length > 0;
}
