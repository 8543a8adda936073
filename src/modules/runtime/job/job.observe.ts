import { formatTime } from '../../../api/meta/condition.js';
import type { Observation, WorkloadRef } from '../observation.types.js';
import { failureOf } from './failure.observe.js';
import { readReport } from './report.observe.js';
import {
  CONTAINERS,
  type ContainerStatus,
  type Job,
  type Pod,
  START_DEADLINE_ANNOTATION,
  type TerminatedState,
} from './job.types.js';
import { waitingOf } from './waiting.observe.js';

/**
 * What a Job and its pods say of an attempt. The Job's condition is the verdict (its counters are not: they move while the
 * controller still works); the pod says when it started, how it ended and why.
 * @param pods the attempt's pods, in any order
 */
export function observeJob(job: Job | undefined, pods: readonly Pod[]): Observation {
  const pod = newest(pods);
  if (!job) return pod && !isOver(pod) ? stopping(pod) : { state: 'absent' };
  const ref = refOf(job);
  if (job.metadata.deletionTimestamp !== undefined) return stopping(pod, ref);
  const verdict = verdictOf(job);
  if (verdict === undefined) return underWay(job, pod, ref);
  if (!pod || isOver(pod)) return ended(job, pod, ref, verdict);
  // The Job may be judged while its pod still gets its grace: money is spent until the pod is over. One that is not being
  // deleted is over, and this cache has yet to hear of it.
  return pod.metadata.deletionTimestamp === undefined ? underWay(job, pod, ref) : stopping(pod, ref);
}

function underWay(job: Job, pod: Pod | undefined, ref: WorkloadRef): Observation {
  const agent = pod && containerOf(pod);
  const startedAt = agent?.state?.running?.startedAt ?? agent?.state?.terminated?.startedAt ?? undefined;
  if (startedAt !== undefined) return { state: 'running', ref, startedAt };
  return { state: 'starting', ref, ...startingOf(job, pod) };
}

function ended(job: Job, pod: Pod | undefined, ref: WorkloadRef, verdict: Verdict): Observation {
  const terminated = pod && containerOf(pod)?.state?.terminated;
  const common = { ref, finishedAt: finishedAt(terminated, job), ...detail(terminated) };
  return verdict.type === 'Complete'
    ? { state: 'succeeded', ...common }
    : { state: 'failed', ...failureOf(pod, verdict), ...common };
}

type Starting = Extract<Observation, { state: 'starting' }>;

function startingOf(job: Job, pod: Pod | undefined) {
  const createdAt = job.metadata.creationTimestamp;
  const seconds = Number(job.metadata.annotations?.[START_DEADLINE_ANNOTATION] ?? 0);
  const waiting = waitingOf(pod);
  return {
    createdAt,
    ...(seconds > 0 && { startBy: formatTime(new Date(Date.parse(createdAt) + seconds * 1000)) }),
    ...progressOf(job, pod),
    ...(waiting && { waiting }),
  };
}

function progressOf(job: Job, pod: Pod | undefined): Pick<Starting, 'progress' | 'since'> {
  if (!pod) return { progress: 'noPod', since: job.metadata.creationTimestamp };
  const { conditions = [], initContainerStatuses = [] } = pod.status ?? {};
  const reached = (wanted: string) => conditions.find(({ type, status }) => type === wanted && status === 'True');
  const scheduled = reached('PodScheduled');
  const since = scheduled?.lastTransitionTime ?? pod.metadata.creationTimestamp;
  if (initContainerStatuses.find(({ name }) => name === CONTAINERS.checkout)?.state?.running) {
    return { progress: 'checkout', since };
  }
  // The kubelet mounts the volumes before it makes the sandbox that this condition speaks of.
  if (reached('PodReadyToStartContainers')) return { progress: 'images', since };
  return { progress: scheduled ? 'scheduled' : 'unscheduled', since };
}

function stopping(pod: Pod | undefined, ref?: WorkloadRef): Observation {
  return { state: 'stopping', ...(ref && { ref }), ...detail(pod && containerOf(pod)?.state?.terminated) };
}

interface Verdict {
  type: 'Complete' | 'Failed';
  reason?: string;
  message?: string;
}

function verdictOf(job: Job): Verdict | undefined {
  for (const { type, status, reason, message } of job.status?.conditions ?? []) {
    if (status !== 'True' || (type !== 'Complete' && type !== 'Failed')) continue;
    return { type, ...(reason !== undefined && { reason }), ...(message !== undefined && { message }) };
  }
  return undefined;
}

/** A short pod often never shows `Running`: its own times are in the container's state. */
function detail(terminated: TerminatedState | undefined) {
  if (!terminated) return {};
  const report = readReport(terminated.message);
  return { ...(terminated.startedAt && { startedAt: terminated.startedAt }), ...(report && { report }) };
}

function finishedAt(terminated: TerminatedState | undefined, job: Job): string {
  const condition = job.status?.conditions?.find(({ type, status }) => status === 'True' && VERDICTS.includes(type));
  return (
    terminated?.finishedAt ??
    job.status?.completionTime ??
    condition?.lastTransitionTime ??
    job.metadata.creationTimestamp
  );
}

const VERDICTS = ['Complete', 'Failed'];

function isOver(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

function containerOf(pod: Pod): ContainerStatus | undefined {
  return pod.status?.containerStatuses?.find(({ name }) => name === CONTAINERS.agent);
}

function newest(pods: readonly Pod[]): Pod | undefined {
  return pods.toSorted((a, b) => b.metadata.creationTimestamp.localeCompare(a.metadata.creationTimestamp))[0];
}

function refOf({ metadata }: Job): WorkloadRef {
  return { type: 'job', name: metadata.name, namespace: metadata.namespace ?? '', uid: metadata.uid };
}
