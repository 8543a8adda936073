import { formatTime } from '../../../src/api/meta/condition.js';
import { RUNNER_EXIT } from '../../../src/domain/runner-contract.js';
import { RUNNER_SCHEMA_VERSION, type RunnerReport } from '../../../src/domain/runner-spec.js';
import { CONTAINERS, type ContainerStatus, type TerminatedState } from '../../../src/modules/runtime/job/job.types.js';
import { terminationMessage } from '../../../src/runner/termination-message.js';
import type { HollowPodStatus } from './hollow-pod.types.js';
import type { PodEnding } from './pod-script.js';

const TERMINATED = 128 + 15;
const KILLED = 128 + 9;

/** When the steps of a pod happened, as far as it came. */
export interface PodTimes {
  scheduled: Date;
  /** The checkout step ended well. */
  checkedOut?: Date;
  /** The agent's container started. */
  started?: Date;
}

function report(fields: Partial<RunnerReport> & { exitCode: number }): string {
  return terminationMessage({ schemaVersion: RUNNER_SCHEMA_VERSION, artifacts: [], ...fields });
}

/** `True` are the conditions that hold; the kubelet writes all of them. */
function conditions(at: Date, ...holds: readonly string[]): NonNullable<HollowPodStatus['conditions']> {
  const types = ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'];
  return types.map((type) => ({
    type,
    status: holds.includes(type) ? 'True' : 'False',
    lastTransitionTime: formatTime(at),
  }));
}

function waiting(name: string, reason: string, message?: string): ContainerStatus {
  return { name, image: 'agent', state: { waiting: { reason, ...(message !== undefined && { message }) } } };
}

function running(name: string, at: Date): ContainerStatus {
  return { name, image: 'agent', state: { running: { startedAt: formatTime(at) } } };
}

function terminated(name: string, state: TerminatedState): ContainerStatus {
  return { name, image: 'agent', state: { terminated: state } };
}

function checkoutDone({ scheduled, checkedOut = scheduled }: PodTimes): ContainerStatus {
  const times = { startedAt: formatTime(scheduled), finishedAt: formatTime(checkedOut) };
  return terminated(CONTAINERS.checkout, { exitCode: 0, reason: 'Completed', ...times });
}

/** No node fits: the scheduler's own condition. */
export function unschedulable(now: Date): HollowPodStatus {
  const message = '0/1 nodes are available: 1 node(s) were unschedulable.';
  const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message };
  return { phase: 'Pending', conditions: [{ ...condition, lastTransitionTime: formatTime(now) }] };
}

/** The agent's image is not there; the two reasons take turns. */
export function pullingImage(times: PodTimes, turn: number): HollowPodStatus {
  const reason = turn % 2 === 0 ? 'ErrImagePull' : 'ImagePullBackOff';
  return {
    phase: 'Pending',
    startTime: formatTime(times.scheduled),
    conditions: conditions(times.scheduled, 'PodReadyToStartContainers', 'Initialized', 'PodScheduled'),
    initContainerStatuses: [checkoutDone(times)],
    containerStatuses: [waiting(CONTAINERS.agent, reason, 'not found')],
  };
}

/** The checkout step is at work. */
export function checkingOut({ scheduled }: PodTimes): HollowPodStatus {
  return {
    phase: 'Pending',
    startTime: formatTime(scheduled),
    conditions: conditions(scheduled, 'PodReadyToStartContainers', 'PodScheduled'),
    initContainerStatuses: [running(CONTAINERS.checkout, scheduled)],
    containerStatuses: [waiting(CONTAINERS.agent, 'PodInitializing')],
  };
}

/** The agent runs. */
export function runningAgent(times: PodTimes, now: Date): HollowPodStatus {
  const holds = ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'];
  return {
    phase: 'Running',
    startTime: formatTime(times.scheduled),
    conditions: conditions(now, ...holds),
    initContainerStatuses: [checkoutDone(times)],
    containerStatuses: [running(CONTAINERS.agent, times.started ?? now)],
  };
}

type Exit = Pick<TerminatedState, 'exitCode' | 'reason' | 'message'>;

const EXITS: Readonly<Record<Exclude<PodEnding, 'checkoutFails'> | 'stopped', Exit>> = {
  succeeds: { exitCode: 0, reason: 'Completed', message: report({ exitCode: 0, message: 'done' }) },
  fails: { exitCode: 3, reason: 'Error', message: report({ exitCode: 3, message: 'the agent exited with 3' }) },
  outOfMemory: { exitCode: KILLED, reason: 'OOMKilled' },
  evicted: { exitCode: KILLED, reason: 'Error' },
  timesOut: {
    exitCode: RUNNER_EXIT.deadline,
    reason: 'Error',
    message: report({ exitCode: RUNNER_EXIT.deadline, failure: 'Timeout', message: 'stopped at its deadline' }),
  },
  deadlineExceeded: { exitCode: KILLED, reason: 'Error' },
  artifactMissing: {
    exitCode: RUNNER_EXIT.runner,
    reason: 'Error',
    message: report({ exitCode: RUNNER_EXIT.runner, failure: 'ArtifactMissing', message: 'a required one is missing' }),
  },
  authFails: {
    exitCode: 1,
    reason: 'Error',
    message: report({ exitCode: 1, failureClass: 'AuthFailed', message: 'the service answered 401' }),
  },
  stopped: {
    exitCode: TERMINATED,
    reason: 'Error',
    message: report({ exitCode: TERMINATED, failure: 'Terminated', message: 'the agent was stopped by SIGTERM' }),
  },
};

/** What the kubelet itself says of a pod that it ended. */
const POD_REASONS: Partial<Record<PodEnding | 'stopped', Pick<HollowPodStatus, 'reason' | 'message'>>> = {
  evicted: { reason: 'Evicted', message: 'The node was low on resource: ephemeral-storage.' },
  deadlineExceeded: { reason: 'DeadlineExceeded', message: 'Pod was active on the node longer than the deadline' },
};

/** The pod is over. A step that was stopped before the agent started has failed, whatever the agent was to come to. */
export function over(times: PodTimes, ending: PodEnding | 'stopped', now: Date): HollowPodStatus {
  const status = {
    phase: ending === 'succeeds' ? 'Succeeded' : 'Failed',
    startTime: formatTime(times.scheduled),
    ...POD_REASONS[ending],
    conditions: conditions(now, 'PodScheduled'),
  };
  const exit = ending === 'checkoutFails' ? CHECKOUT_FAILED : EXITS[ending];
  const ended = (name: string, startedAt: Date): ContainerStatus =>
    terminated(name, { ...exit, startedAt: formatTime(startedAt), finishedAt: formatTime(now) });
  const notStarted = waiting(CONTAINERS.agent, 'PodInitializing');
  if (times.checkedOut === undefined) {
    const initContainerStatuses = [ended(CONTAINERS.checkout, times.scheduled)];
    return { ...status, initContainerStatuses, containerStatuses: [notStarted] };
  }
  const agent = times.started === undefined ? notStarted : ended(CONTAINERS.agent, times.started);
  return { ...status, initContainerStatuses: [checkoutDone(times)], containerStatuses: [agent] };
}

const CHECKOUT_FAILED: Exit = {
  exitCode: RUNNER_EXIT.runner,
  reason: 'Error',
  message: report({
    exitCode: RUNNER_EXIT.runner,
    failure: 'CheckoutFailed',
    message: 'repository not found',
  }),
};
