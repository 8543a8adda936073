import type { AgentRunSpec } from '../../../src/api/v1alpha1/agent-run.types.js';
import type { PodScript } from '../../support/hollow-node/pod-script.js';

/** What a run must have come to: its phase, for a failed one with the reason, or `gone` when it was deleted. */
export type Verdict = 'Succeeded' | 'Cancelled' | 'gone' | `Failed ${string}`;

/** What somebody does to a run on its way. */
export type Act =
  | 'cancel'
  /** Once its first attempt has ended. */
  | 'cancelBetweenAttempts'
  | 'deleteRun'
  /** With propagationPolicy Foreground: the run stays, being deleted, until its workload is gone. */
  | 'deleteRunForeground'
  /** Deletes it and makes it again under its name. */
  | 'remake'
  | 'deleteJob'
  | 'deletePod'
  /** Makes the Agent that the run names. */
  | 'createAgent';

/** One way that a run can go. */
export interface Scenario {
  /** Runs are called after it. */
  readonly name: string;
  /** How many of a hundred runs go this way, about. */
  readonly share: number;
  /** What is particular to the pod of each attempt; the last goes for all that follow. */
  readonly pods?: readonly Partial<PodScript>[];
  readonly spec?: Partial<AgentRunSpec>;
  readonly act?: Act;
  readonly verdict: Verdict;
  /** The verdict if the Job controller was too slow to make a pod, as it is after a restart of the API server. */
  readonly withoutPod?: Verdict;
  /** How many Jobs were ever made for it: one for each attempt. */
  readonly jobs: Bounds;
  /** How many pods at least; at most as many as Jobs. */
  readonly leastPods: number;
}

interface Bounds {
  readonly min: number;
  readonly max: number;
}

const ONE = { jobs: { min: 1, max: 1 }, leastPods: 1 } as const;
const TWO = { jobs: { min: 2, max: 2 }, leastPods: 2 } as const;
const NONE = { jobs: { min: 0, max: 0 }, leastPods: 0 } as const;
/** It depends on who is quicker. */
const AT_MOST_ONE = { jobs: { min: 0, max: 1 }, leastPods: 0 } as const;
/** The Job for certain; whether the Job controller gets to its pod depends on who is quicker. */
const ONE_JOB = { jobs: { min: 1, max: 1 }, leastPods: 0 } as const;

const UNTIL_STOPPED = { runMs: Infinity } as const;
const EVICTED = { ending: 'evicted' } as const;
const NO_RETRY = { retry: { limit: 0 } } as const;
const ONE_RETRY = { retry: { limit: 1, backoffSeconds: 1 } } as const;
const IMPATIENT = { agentRef: { name: 'impatient' } } as const;

/** Every outcome that the control plane tells apart and that a hollow pod can show within seconds. */
export const SCENARIOS: readonly Scenario[] = [
  { name: 'succeeds', share: 18, verdict: 'Succeeded', ...ONE },
  { name: 'short', share: 5, pods: [{ runMs: 0, checkoutMs: 0 }], verdict: 'Succeeded', ...ONE },
  { name: 'fails', share: 7, pods: [{ ending: 'fails' }], verdict: 'Failed AgentError', ...ONE },
  { name: 'oom', share: 4, pods: [{ ending: 'outOfMemory' }], verdict: 'Failed OutOfMemory', ...ONE },
  { name: 'times-out', share: 4, pods: [{ ending: 'timesOut' }], verdict: 'Failed Timeout', ...ONE },
  { name: 'net', share: 3, pods: [{ ending: 'deadlineExceeded' }], verdict: 'Failed Timeout', ...ONE },
  { name: 'artifact', share: 3, pods: [{ ending: 'artifactMissing' }], verdict: 'Failed ArtifactMissing', ...ONE },
  { name: 'evicted', share: 3, pods: [EVICTED], spec: NO_RETRY, verdict: 'Failed Evicted', ...ONE },
  { name: 'retried', share: 8, pods: [EVICTED, {}], verdict: 'Succeeded', ...TWO },
  {
    name: 'retried-in-vain',
    share: 4,
    pods: [{ ending: 'checkoutFails' }],
    spec: ONE_RETRY,
    verdict: 'Failed CheckoutFailed',
    ...TWO,
  },
  {
    name: 'retried-on-request',
    share: 3,
    pods: [{ ending: 'fails' }, {}],
    spec: { retry: { ...ONE_RETRY.retry, on: ['AgentError'] } },
    verdict: 'Succeeded',
    ...TWO,
  },
  {
    name: 'cancelled-between',
    share: 3,
    pods: [EVICTED],
    spec: { retry: { limit: 1, backoffSeconds: 3600 } },
    act: 'cancelBetweenAttempts',
    verdict: 'Cancelled',
    ...ONE,
  },
  {
    name: 'nowhere',
    share: 4,
    pods: [{ heldAt: 'scheduling' }],
    spec: IMPATIENT,
    verdict: 'Failed Unschedulable',
    withoutPod: 'Failed PodRejected',
    ...ONE_JOB,
  },
  {
    name: 'image',
    share: 4,
    pods: [{ heldAt: 'imagePull' }],
    spec: IMPATIENT,
    verdict: 'Failed ImagePull',
    withoutPod: 'Failed PodRejected',
    ...ONE_JOB,
  },
  { name: 'cancelled', share: 7, pods: [UNTIL_STOPPED], act: 'cancel', verdict: 'Cancelled', ...AT_MOST_ONE },
  {
    name: 'cancelled-blocked',
    share: 3,
    spec: { agentRef: { name: 'missing' } },
    act: 'cancel',
    verdict: 'Cancelled',
    ...NONE,
  },
  { name: 'deleted', share: 5, pods: [UNTIL_STOPPED], act: 'deleteRun', verdict: 'gone', ...AT_MOST_ONE },
  {
    name: 'deleted-slowly',
    share: 4,
    pods: [UNTIL_STOPPED],
    act: 'deleteRunForeground',
    verdict: 'gone',
    ...AT_MOST_ONE,
  },
  { name: 'remade', share: 3, act: 'remake', verdict: 'Succeeded', ...ONE },
  {
    name: 'job-lost',
    share: 3,
    pods: [UNTIL_STOPPED],
    spec: NO_RETRY,
    act: 'deleteJob',
    verdict: 'Failed WorkloadLost',
    ...ONE_JOB,
  },
  {
    name: 'pod-lost',
    share: 3,
    pods: [UNTIL_STOPPED],
    spec: NO_RETRY,
    act: 'deletePod',
    verdict: 'Failed WorkloadLost',
    ...ONE,
  },
  {
    name: 'job-replaced',
    share: 4,
    pods: [UNTIL_STOPPED, {}],
    act: 'deleteJob',
    verdict: 'Succeeded',
    jobs: TWO.jobs,
    leastPods: 1,
  },
  { name: 'pod-replaced', share: 3, pods: [UNTIL_STOPPED, {}], act: 'deletePod', verdict: 'Succeeded', ...TWO },
  { name: 'late-agent', share: 4, act: 'createAgent', verdict: 'Succeeded', ...ONE },
  { name: 'invalid', share: 3, spec: { parameters: {} }, verdict: 'Failed TemplateFailed', ...NONE },
];
