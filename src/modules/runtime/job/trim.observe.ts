import type { KubernetesObject, ObjectMeta } from '../../../api/meta/object.js';
import type { Job, Pod } from '../../kubernetes/wire.js';
import { DEADLINE_ANNOTATIONS } from './job.types.js';

const READ_ANNOTATIONS: readonly string[] = Object.values(DEADLINE_ANNOTATIONS);

/** What the cache keeps of a Job: a thousand runs must not hold a thousand pod templates. */
export function trimJob({ apiVersion, kind, metadata, status }: Job): Job {
  const annotations = Object.entries(metadata.annotations ?? {}).filter(([name]) => READ_ANNOTATIONS.includes(name));
  return {
    apiVersion,
    kind,
    metadata: {
      ...trimMeta({ metadata }),
      ...(annotations.length > 0 && { annotations: Object.fromEntries(annotations) }),
    },
    ...(status && {
      status: {
        ...(status.conditions && { conditions: status.conditions }),
        ...(status.startTime !== undefined && { startTime: status.startTime }),
        ...(status.completionTime !== undefined && { completionTime: status.completionTime }),
        active: status.active ?? 0,
        failed: status.failed ?? 0,
        succeeded: status.succeeded ?? 0,
        terminating: status.terminating ?? 0,
      },
    }),
  };
}

/** What the cache keeps of a pod: how it is, not what it is made of. */
export function trimPod({ apiVersion, kind, metadata, status }: Pod): Pod {
  return {
    apiVersion,
    kind,
    metadata: trimMeta({ metadata }),
    ...(status && {
      status: {
        ...(status.phase !== undefined && { phase: status.phase }),
        ...(status.reason !== undefined && { reason: status.reason }),
        ...(status.message !== undefined && { message: status.message }),
        ...(status.conditions && { conditions: status.conditions }),
        ...(status.initContainerStatuses && { initContainerStatuses: status.initContainerStatuses }),
        ...(status.containerStatuses && { containerStatuses: status.containerStatuses }),
      },
    }),
  };
}

function trimMeta({ metadata }: Pick<KubernetesObject, 'metadata'>): ObjectMeta {
  const { name, namespace, uid, resourceVersion, creationTimestamp, deletionTimestamp, labels, ownerReferences } =
    metadata;
  return {
    name,
    ...(namespace !== undefined && { namespace }),
    uid,
    resourceVersion,
    creationTimestamp,
    ...(deletionTimestamp !== undefined && { deletionTimestamp }),
    ...(labels && { labels }),
    ...(ownerReferences && { ownerReferences }),
  };
}
