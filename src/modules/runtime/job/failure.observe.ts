import { boundText } from '../../../api/meta/text.js';
import { type FailureClass, RULE_FAILURE_CLASSES } from '../../../api/v1alpha1/failure-class.js';
import { RUNNER_EXIT } from '../../../domain/runner-contract.js';
import type { RunnerReport } from '../../../domain/runner-spec.js';
import type { Disruption } from '../observation.types.js';
import { CONTAINERS, type Pod, type TerminatedState } from './job.types.js';
import { readReport } from './report.observe.js';

/** Why an attempt failed, as `status.attempts[]` records it. */
export interface Failure {
  failureClass: FailureClass;
  message: string;
  exitCode?: number;
}

/**
 * The runner's own verdicts. Exit code and report must agree: an agent can end with any code, and could have written the
 * report. `Terminated` is none: the code is the agent's own.
 */
const RUNNER_VERDICTS: Partial<
  Record<NonNullable<RunnerReport['failure']>, { exitCode: number; failureClass: FailureClass }>
> = {
  Timeout: { exitCode: RUNNER_EXIT.deadline, failureClass: 'Timeout' },
  ArtifactMissing: { exitCode: RUNNER_EXIT.runner, failureClass: 'ArtifactMissing' },
  UploadFailed: { exitCode: RUNNER_EXIT.runner, failureClass: 'RuntimeError' },
  CheckoutFailed: { exitCode: RUNNER_EXIT.runner, failureClass: 'CheckoutFailed' },
  InvalidSpec: { exitCode: RUNNER_EXIT.runner, failureClass: 'RuntimeError' },
  RunnerError: { exitCode: RUNNER_EXIT.runner, failureClass: 'RuntimeError' },
  NotFound: { exitCode: RUNNER_EXIT.notFound, failureClass: 'ContainerConfig' },
  NotExecutable: { exitCode: RUNNER_EXIT.notExecutable, failureClass: 'ContainerConfig' },
};

/**
 * The class of a failed attempt, from the cluster's own facts; first match wins. The runner's report adds detail and can
 * only choose among failures: it is read from a file that the agent could write.
 * @param verdict the Job's `Failed` condition
 */
export function failureOf(pod: Pod | undefined, verdict: { reason?: string; message?: string }): Failure {
  if (!pod) return lost(verdict);
  const { status } = pod;
  if (status?.reason === 'Evicted') return failure('Evicted', status.message ?? 'the kubelet evicted the pod');
  const disrupted = disruptionOf(pod);
  if (disrupted) return disrupted;
  if (status?.reason === 'DeadlineExceeded') {
    return failure('Timeout', "the pod passed its activeDeadlineSeconds, the net behind the runner's own deadline");
  }
  const deleted = pod.metadata.deletionTimestamp !== undefined;
  for (const step of status?.initContainerStatuses ?? []) {
    // It is no step: the kubelet starts it again, and stops it when the agent has ended.
    if (step.name === CONTAINERS.store) continue;
    const { terminated } = step.state ?? {};
    if (terminated && terminated.exitCode !== 0) return stepFailure(step.name, terminated, deleted);
  }
  const agent = status?.containerStatuses?.find(({ name }) => name === CONTAINERS.agent)?.state?.terminated;
  if (!agent || agent.reason === 'ContainerStatusUnknown') return status?.reason ? byNode(status) : lost(verdict);
  return { ...agentFailure(agent, readReport(agent.message), deleted), exitCode: agent.exitCode };
}

function stepFailure(name: string, terminated: TerminatedState, deleted: boolean): Failure {
  const report = readReport(terminated.message);
  const { exitCode } = terminated;
  if (terminated.reason === 'OOMKilled') {
    return { ...failure('OutOfMemory', `the ${name} step was killed for lack of memory`), exitCode };
  }
  if (isStartError(terminated)) return { ...startFailure(name, terminated), exitCode };
  if (deleted && wasStopped(report)) return { ...failure('WorkloadLost', POD_DELETED), exitCode };
  // A spec that the runner does not understand is the control plane's fault, and no other checkout would end otherwise.
  const isCheckout = name === CONTAINERS.checkout && report?.failure !== 'InvalidSpec';
  const failureClass = isCheckout ? 'CheckoutFailed' : 'RuntimeError';
  return { ...failure(failureClass, report?.message ?? `the ${name} step ended with exit code ${exitCode}`), exitCode };
}

function agentFailure(terminated: TerminatedState, report: RunnerReport | undefined, deleted: boolean): Failure {
  const { exitCode } = terminated;
  if (terminated.reason === 'OOMKilled') return failure('OutOfMemory', 'the agent was killed for lack of memory');
  if (isStartError(terminated)) return startFailure(CONTAINERS.agent, terminated);
  if (deleted && wasStopped(report)) return failure('WorkloadLost', POD_DELETED);
  const message = report?.message ?? `the agent ended with exit code ${exitCode}`;
  const verdict = report?.failure && RUNNER_VERDICTS[report.failure];
  if (verdict?.exitCode === exitCode) return failure(verdict.failureClass, message);
  // Only what the agent's output can tell is its to name; all other classes are the cluster's to give.
  return failure(RULE_FAILURE_CLASSES.find((name) => name === report?.failureClass) ?? 'AgentError', message);
}

const POD_DELETED = 'the pod was deleted while it ran, and not by this control plane';

/** The runner says so, or was killed before it could say anything: what ends by itself leaves a report. */
function wasStopped(report: RunnerReport | undefined): boolean {
  return report === undefined || report.failure === 'Terminated';
}

/** The runtime could not start the container at all: nothing of ours ran, so there is no report. */
function isStartError({ reason }: TerminatedState): boolean {
  return reason === 'StartError' || reason === 'ContainerCannotRun';
}

function startFailure(container: string, { message }: TerminatedState): Failure {
  return failure(
    'ContainerConfig',
    `the container "${container}" could not start; does its image host agent-runner? ${message ?? ''}`.trim(),
  );
}

/** Reasons of `DisruptionTarget` that speak of a node that is gone or is to run nothing; the others make room for somebody. */
const NODE_REASONS = ['DeletionByTaintManager', 'DeletionByPodGC'];

/**
 * What Kubernetes says took the pod away: an eviction, a preemption, a lost node
 * (https://kubernetes.io/docs/concepts/workloads/pods/disruptions/#pod-disruption-conditions).
 */
export function disruptionOf(pod: Pod): Disruption | undefined {
  const condition = pod.status?.conditions?.find(
    ({ type, status }) => type === 'DisruptionTarget' && status === 'True',
  );
  if (!condition) return undefined;
  const failureClass = NODE_REASONS.includes(condition.reason ?? '') ? 'WorkloadLost' : 'Evicted';
  return { failureClass, message: boundText(condition.message ?? 'the cluster disrupted the pod') };
}

/** The node refused the pod or shut down under it (OutOfcpu, NodeAffinity, NodeShutdown, …): the pod itself tells. */
function byNode({ reason = '', message = '' }: NonNullable<Pod['status']>): Failure {
  return failure('WorkloadLost', `the pod's node ended it: ${reason}${message === '' ? '' : `: ${message}`}`);
}

function lost({ message }: { message?: string }): Failure {
  return failure('WorkloadLost', `the Job failed and no pod tells why${message === undefined ? '' : `: ${message}`}`);
}

function failure(failureClass: FailureClass, message: string): Failure {
  return { failureClass, message: boundText(message) };
}
