import { LABELS } from '../../../api/meta/labels.js';
import { pick } from '../../../api/meta/pick.js';
import { trimMeta } from '../../../api/meta/trim-meta.js';
import { type ContainerStatus, DEADLINE_ANNOTATIONS, type Job, type Pod, STORE_ANNOTATIONS } from './job.types.js';

/** By these an event of a workload finds its run. */
const READ = {
  labels: [LABELS.agentRunUid, LABELS.attempt],
  annotations: Object.values({ ...DEADLINE_ANNOTATIONS, ...STORE_ANNOTATIONS }),
};
const READ_POD_CONDITIONS = ['PodScheduled', 'PodReadyToStartContainers', 'DisruptionTarget'];
const CONDITION = ['type', 'status', 'reason', 'message', 'lastTransitionTime'] as const;

/** What the cache keeps of a Job: a thousand runs must not hold a thousand pod templates. */
export function trimJob(job: Job): Job {
  const { apiVersion, kind, status } = job;
  return { apiVersion, kind, metadata: trimMeta(job, READ), ...(status && { status: trimJobStatus(status) }) };
}

function trimJobStatus(status: NonNullable<Job['status']>): NonNullable<Job['status']> {
  const { conditions } = status;
  return {
    ...pick(status, ['startTime', 'completionTime', 'active', 'failed', 'succeeded', 'terminating']),
    ...(conditions && { conditions: conditions.map((condition) => pick(condition, CONDITION)) }),
  };
}

/** What the cache keeps of a pod: how it is, not what it is made of. */
export function trimPod(pod: Pod): Pod {
  const { apiVersion, kind, status } = pod;
  return { apiVersion, kind, metadata: trimMeta(pod, READ), ...(status && { status: trimPodStatus(status) }) };
}

function trimPodStatus(status: NonNullable<Pod['status']>): NonNullable<Pod['status']> {
  const { conditions, initContainerStatuses, containerStatuses } = status;
  const read = conditions?.filter(({ type }) => READ_POD_CONDITIONS.includes(type));
  return {
    ...pick(status, ['phase', 'reason', 'message']),
    ...(read && { conditions: read.map((condition) => pick(condition, CONDITION)) }),
    ...(initContainerStatuses && { initContainerStatuses: initContainerStatuses.map(trimContainer) }),
    ...(containerStatuses && { containerStatuses: containerStatuses.map(trimContainer) }),
  };
}

/** Identifiers, images and resources, of each container of each pod, are most of a pod's status. */
function trimContainer({ name, image, state = {} }: ContainerStatus): ContainerStatus {
  const { waiting, running, terminated } = state;
  return {
    name,
    // Only what waits for its image is asked which it is.
    ...(waiting && image !== undefined && { image }),
    state: {
      ...(waiting && { waiting: pick(waiting, ['reason', 'message']) }),
      ...(running && { running: pick(running, ['startedAt']) }),
      ...(terminated && {
        terminated: pick(terminated, ['exitCode', 'reason', 'message', 'startedAt', 'finishedAt']),
      }),
    },
  };
}
