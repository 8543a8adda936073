import { formatTime } from '../../../api/meta/condition.js';
import type { Observation } from '../observation.types.js';
import { disruptionOf, failureOf } from './failure.observe.js';
import {
  CONTAINERS,
  type ContainerStatus,
  DEADLINE_ANNOTATIONS,
  type Job,
  type Pod,
  STORE_ANNOTATIONS,
  type TerminatedState,
} from './job.types.js';
import { readReport, type StorePrefixes } from './report.observe.js';
import { startingOf } from './start.observe.js';

type Present = Pick<Extract<Observation, { state: 'running' }>, 'ref' | 'createdAt'>;

/**
 * What a Job and its pods say of an attempt. The Job's condition is the verdict (its counters are not: they move while the
 * controller still works); the pod says when it started, how it ended and why.
 * @param pods the Job's own pods, in any order
 */
export function observeJob(job: Job | undefined, pods: readonly Pod[]): Observation {
  const pod = newest(pods);
  const alive = newest(pods.filter((each) => !isOver(each)));
  if (!job) return alive ? stopping(alive) : { state: 'absent' };
  const present = presentOf(job);
  if (job.metadata.deletionTimestamp !== undefined) return stopping(alive ?? pod, present, job);
  // Whoever deletes a pod, money is spent until it is over. On a node that does not answer it never is, and whether the Job
  // is judged says nothing about that.
  if (alive?.metadata.deletionTimestamp !== undefined) {
    // An agent that had ended well was not disrupted: only what stores its artifacts still runs, and its Job will be Complete.
    const disrupted = containerOf(alive)?.state?.terminated?.exitCode === 0 ? undefined : disruptionOf(alive);
    return { ...stopping(alive, present, job), ...(disrupted && { disrupted }) };
  }
  const verdict = verdictOf(job);
  // A pod that lives although its Job is judged is over: this cache has yet to hear of it.
  if (verdict === undefined || alive) return underWay(job, alive ?? pod, present);
  return ended(job, pod, present, verdict);
}

/** Whether the Job's controller has said how it ended; it waits for the last pod with that. */
export function isJudged(job: Job): boolean {
  return verdictOf(job) !== undefined;
}

/** Whether a pod has ended, whatever the Job's controller has made of it. */
export function isOver(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

function underWay(job: Job, pod: Pod | undefined, present: Present): Observation {
  const { running, terminated } = (pod && containerOf(pod)?.state) ?? {};
  const startedAt = running?.startedAt ?? startOf(terminated);
  if (startedAt === undefined) return { state: 'starting', ...present, ...startingOf(job, pod) };
  const seconds = Number(job.metadata.annotations?.[DEADLINE_ANNOTATIONS.end] ?? 0);
  // Only what still runs can run too long.
  const bounded = running !== undefined && seconds > 0;
  return { state: 'running', ...present, startedAt, ...(bounded && { endBy: after(startedAt, seconds) }) };
}

function ended(job: Job, pod: Pod | undefined, present: Present, verdict: Verdict): Observation {
  const terminated = pod && containerOf(pod)?.state?.terminated;
  const common = { ...present, finishedAt: finishedAt(terminated, job), ...detail(terminated, job) };
  return verdict.type === 'Complete'
    ? { state: 'succeeded', ...common }
    : { state: 'failed', ...failureOf(pod, verdict), ...common };
}

function stopping(pod: Pod | undefined, present?: Present, job?: Job): Observation {
  // The API server sets a pod's deletionTimestamp to the end of its grace.
  const graceEnds = pod && !isOver(pod) ? pod.metadata.deletionTimestamp : undefined;
  const { running, terminated } = (pod && containerOf(pod)?.state) ?? {};
  return {
    state: 'stopping',
    ...present,
    ...(running?.startedAt !== undefined && { startedAt: running.startedAt }),
    ...(graceEnds !== undefined && { graceEnds }),
    ...detail(terminated, job),
  };
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
function detail(terminated: TerminatedState | undefined, job: Job | undefined) {
  if (!terminated) return {};
  const report = readReport(terminated.message, job && storeOf(job));
  const startedAt = startOf(terminated);
  return { ...(startedAt !== undefined && { startedAt }), ...(report && { report }) };
}

function storeOf({ metadata }: Job): StorePrefixes | undefined {
  const keyPrefix = metadata.annotations?.[STORE_ANNOTATIONS.keyPrefix];
  const urlPrefix = metadata.annotations?.[STORE_ANNOTATIONS.urlPrefix];
  return keyPrefix === undefined || urlPrefix === undefined ? undefined : { keyPrefix, urlPrefix };
}

/** A container that could not be started has the Unix epoch for a start; one whose state was lost has null. */
function startOf(terminated: TerminatedState | undefined): string | undefined {
  const startedAt = terminated?.startedAt ?? undefined;
  return startedAt === undefined || Date.parse(startedAt) <= 0 ? undefined : startedAt;
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

function containerOf(pod: Pod): ContainerStatus | undefined {
  return pod.status?.containerStatuses?.find(({ name }) => name === CONTAINERS.agent);
}

function newest(pods: readonly Pod[]): Pod | undefined {
  return pods.toSorted((a, b) => b.metadata.creationTimestamp.localeCompare(a.metadata.creationTimestamp))[0];
}

function presentOf({ metadata }: Job): Present {
  const { name, namespace = '', uid, creationTimestamp } = metadata;
  return { ref: { type: 'job', name, namespace, uid }, createdAt: creationTimestamp };
}

function after(time: string, seconds: number): string {
  return formatTime(new Date(Date.parse(time) + seconds * 1000));
}
