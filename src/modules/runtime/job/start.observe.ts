import { formatTime } from '../../../api/meta/condition.js';
import type { Observation } from '../observation.types.js';
import { CONTAINERS, DEADLINE_ANNOTATIONS, type Job, type Pod } from './job.types.js';
import { waitingOf } from './waiting.observe.js';

type Starting = Extract<Observation, { state: 'starting' }>;
type Progress = Pick<Starting, 'progress' | 'since'>;

/** How far the start of a Job's agent came, what it waits for and until when it may. */
export function startingOf(job: Job, pod: Pod | undefined): Omit<Starting, 'state' | 'ref' | 'createdAt'> {
  const seconds = Number(job.metadata.annotations?.[DEADLINE_ANNOTATIONS.start] ?? 0);
  const waiting = waitingOf(pod);
  return {
    ...(seconds > 0 && { startBy: formatTime(new Date(Date.parse(countedFrom(job, pod)) + seconds * 1000)) }),
    ...progressOf(job, pod),
    ...(waiting && { waiting }),
  };
}

/**
 * The deadline is for what keeps a start from happening: neither the time of a checkout, which is work, nor the time in a
 * queueing controller's hands counts (the Job controller sets startTime anew when a suspended Job goes on).
 */
function countedFrom({ metadata, status }: Job, pod: Pod | undefined): string {
  return checkoutOf(pod)?.state?.terminated?.finishedAt ?? status?.startTime ?? metadata.creationTimestamp;
}

function progressOf(job: Job, pod: Pod | undefined): Progress {
  if (!pod) return withoutPod(job);
  const { phase, conditions = [] } = pod.status ?? {};
  const reached = (wanted: string) => conditions.find(({ type, status }) => type === wanted && status === 'True');
  const scheduled = reached('PodScheduled');
  const since =
    checkoutOf(pod)?.state?.terminated?.finishedAt ?? scheduled?.lastTransitionTime ?? pod.metadata.creationTimestamp;
  // Evicted, refused by its node, or failed in a step: the Job's condition, which follows, says so.
  if (phase === 'Succeeded' || phase === 'Failed') return { progress: 'over', since };
  if (checkoutOf(pod)?.state?.running) return { progress: 'checkout', since };
  // The kubelet mounts the volumes before it makes the sandbox that this condition speaks of.
  if (reached('PodReadyToStartContainers')) return { progress: 'images', since };
  return { progress: scheduled ? 'scheduled' : 'unscheduled', since };
}

function withoutPod({ metadata, status = {} }: Job): Progress {
  const held = status.conditions?.find((condition) => condition.type === 'Suspended' && condition.status === 'True');
  if (held) return { progress: 'suspended', since: held.lastTransitionTime ?? metadata.creationTimestamp };
  const since = status.startTime ?? metadata.creationTimestamp;
  const { active = 0, failed = 0, succeeded = 0, terminating = 0, conditions = [] } = status;
  const judgedSoon = conditions.some(({ type }) => type === 'FailureTarget' || type === 'SuccessCriteriaMet');
  // The controller counted a pod: it is gone, or this cache has yet to hear of it. Nothing was refused.
  const hadPod = judgedSoon || active + failed + succeeded + terminating > 0;
  return { progress: hadPod ? 'over' : 'noPod', since };
}

function checkoutOf(pod: Pod | undefined) {
  return pod?.status?.initContainerStatuses?.find(({ name }) => name === CONTAINERS.checkout);
}
