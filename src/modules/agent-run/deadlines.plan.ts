import type { FailureClass } from '../../api/v1alpha1/failure-class.js';
import type { Observation, StartProgress, Waiting } from '../runtime/observation.types.js';

/** How long a cluster that refuses (quota, a right not granted) is left alone before it is asked again. */
export const SLOW_RETRY_MS = 60_000;

/** Steps of a start that take a second or two, and longer only when something is in their way. */
const LINGERS_MS = 15_000;

type Starting = Extract<Observation, { state: 'starting' }>;
type Running = Extract<Observation, { state: 'running' }>;
type Stopping = Extract<Observation, { state: 'stopping' }>;
type Progress = Exclude<StartProgress, 'checkout' | 'over' | 'suspended'>;

/** What holds up a start that no status speaks of, by how far it came: events say more, and nobody may read those. */
const HELD_UP: { readonly [P in Progress]: Waiting } = {
  noPod: {
    reason: 'PodRejected',
    message:
      "the cluster admits no pod; the Job's events say why, such as Pod Security or a service account (spec.workload.serviceAccountName) that is not there",
  },
  unscheduled: { reason: 'Unschedulable', message: "no node was chosen; the pod's events say why" },
  scheduled: {
    reason: 'ContainerConfig',
    message:
      'the pod gets no volumes or no network; its events say why, such as a Secret, ConfigMap or claim that is not there',
  },
  images: { reason: 'ImagePull', message: "an image is still being pulled; the pod's events say which" },
};

/** How a start that is under way is judged. */
export interface StartPlan {
  /** What it waits for. */
  waiting?: Waiting;
  /** It had its `startDeadlineSeconds`. */
  verdict?: { failureClass: FailureClass; message: string };
  /** When to look again, in milliseconds, if time alone changes something. */
  inMs?: number;
}

/** A queueing controller, such as Kueue, has it: no deadline counts while it does. */
const SUSPENDED: Waiting = {
  reason: 'Unschedulable',
  message: 'the Job is suspended (its spec.suspend); the run goes on when what suspended it lets it',
};

/** A pod may outlive its grace by as much before its node counts as unreachable. */
const UNREACHABLE_AFTER_MS = 30_000;

/**
 * What a workload that has not started waits for, and whether it may wait longer. A checkout that is under way is held to
 * nothing: it is work, and the pod's own deadline bounds it. Nor is one that is over: its verdict follows.
 */
export function planStart(observation: Starting, now: Date): StartPlan {
  const { startBy, since, progress } = observation;
  if (progress === 'suspended') return { waiting: SUSPENDED };
  if (progress === 'checkout' || progress === 'over') return {};
  const dueInMs = startBy === undefined ? Infinity : Date.parse(startBy) - now.getTime();
  if (dueInMs <= 0) {
    const { reason, message } = observation.waiting ?? HELD_UP[progress];
    const late = 'not started within the startDeadlineSeconds of the Agent';
    return { verdict: { failureClass: reason, message: `${late}: ${message}` } };
  }
  // A large image takes its time: only a pull that failed is something to wait for.
  const mayLinger = observation.waiting !== undefined || progress === 'images';
  const lingersInMs = mayLinger ? Infinity : Date.parse(since) + LINGERS_MS - now.getTime();
  const waiting = observation.waiting ?? (lingersInMs <= 0 ? HELD_UP[progress] : undefined);
  const inMs = Math.min(dueInMs, lingersInMs > 0 ? lingersInMs : Infinity);
  return { ...(waiting && { waiting }), ...(inMs < Infinity && { inMs }) };
}

/** Whether an agent runs longer than its runner should have let it: the runner's own deadline is the real one. */
export function planEnd({ endBy }: Running, now: Date): Pick<StartPlan, 'verdict' | 'inMs'> {
  if (endBy === undefined) return {};
  const inMs = Date.parse(endBy) - now.getTime();
  const message = 'the agent ran past timeoutSeconds and its runner did not end it';
  return inMs > 0 ? { inMs } : { verdict: { failureClass: 'Timeout', message } };
}

/** Whether a workload that was asked to end should have by now, or when it should. */
export function planStop({ graceEnds }: Stopping, now: Date): { unreachable: boolean; inMs?: number } {
  if (graceEnds === undefined) return { unreachable: false };
  const inMs = Date.parse(graceEnds) + UNREACHABLE_AFTER_MS - now.getTime();
  return inMs > 0 ? { unreachable: false, inMs } : { unreachable: true };
}
