import type { AgentRunSpec } from '../../../src/api/v1alpha1/agent-run.types.js';
import type { PodScript } from '../../support/hollow-node/pod-script.js';

/** What a run must have come to: its phase, for a failed one with the reason, or `gone` when it was deleted. */
export type Verdict = 'Succeeded' | 'Cancelled' | 'gone' | `Failed ${string}`;

/** What somebody does to a run on its way. */
export type Act =
  | 'cancel'
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
  readonly pod?: Partial<PodScript>;
  readonly spec?: Partial<AgentRunSpec>;
  readonly act?: Act;
  readonly verdict: Verdict;
  /** The verdict if the Job controller was too slow to make a pod, as it is after a restart of the API server. */
  readonly withoutPod?: Verdict;
  /** How many Jobs, and how many pods, were ever made for it. */
  readonly jobs: Bounds;
  readonly pods: Bounds;
}

interface Bounds {
  readonly min: number;
  readonly max: number;
}

const ONE = { jobs: { min: 1, max: 1 }, pods: { min: 1, max: 1 } } as const;
const NONE = { jobs: { min: 0, max: 0 }, pods: { min: 0, max: 0 } } as const;
/** It depends on who is quicker. */
const AT_MOST_ONE = { jobs: { min: 0, max: 1 }, pods: { min: 0, max: 1 } } as const;
/** The Job for certain; whether the Job controller gets to its pod depends on who is quicker. */
const ONE_JOB = { jobs: { min: 1, max: 1 }, pods: { min: 0, max: 1 } } as const;

const UNTIL_STOPPED = { runMs: Infinity } as const;

/** Every outcome that the control plane tells apart today and that a hollow pod can show within seconds. */
export const SCENARIOS: readonly Scenario[] = [
  { name: 'succeeds', share: 22, verdict: 'Succeeded', ...ONE },
  { name: 'short', share: 6, pod: { runMs: 0, checkoutMs: 0 }, verdict: 'Succeeded', ...ONE },
  { name: 'fails', share: 8, pod: { ending: 'fails' }, verdict: 'Failed AgentError', ...ONE },
  { name: 'oom', share: 4, pod: { ending: 'outOfMemory' }, verdict: 'Failed OutOfMemory', ...ONE },
  { name: 'evicted', share: 4, pod: { ending: 'evicted' }, verdict: 'Failed Evicted', ...ONE },
  { name: 'times-out', share: 4, pod: { ending: 'timesOut' }, verdict: 'Failed Timeout', ...ONE },
  { name: 'net', share: 3, pod: { ending: 'deadlineExceeded' }, verdict: 'Failed Timeout', ...ONE },
  { name: 'artifact', share: 3, pod: { ending: 'artifactMissing' }, verdict: 'Failed ArtifactMissing', ...ONE },
  { name: 'checkout', share: 4, pod: { ending: 'checkoutFails' }, verdict: 'Failed CheckoutFailed', ...ONE },
  {
    name: 'nowhere',
    share: 4,
    pod: { heldAt: 'scheduling' },
    spec: { agentRef: { name: 'impatient' } },
    verdict: 'Failed Unschedulable',
    withoutPod: 'Failed PodRejected',
    ...ONE_JOB,
  },
  {
    name: 'image',
    share: 4,
    pod: { heldAt: 'imagePull' },
    spec: { agentRef: { name: 'impatient' } },
    verdict: 'Failed ImagePull',
    withoutPod: 'Failed PodRejected',
    ...ONE_JOB,
  },
  { name: 'cancelled', share: 8, pod: UNTIL_STOPPED, act: 'cancel', verdict: 'Cancelled', ...AT_MOST_ONE },
  {
    name: 'cancelled-blocked',
    share: 3,
    spec: { agentRef: { name: 'missing' } },
    act: 'cancel',
    verdict: 'Cancelled',
    ...NONE,
  },
  { name: 'deleted', share: 5, pod: UNTIL_STOPPED, act: 'deleteRun', verdict: 'gone', ...AT_MOST_ONE },
  {
    name: 'deleted-slowly',
    share: 4,
    pod: UNTIL_STOPPED,
    act: 'deleteRunForeground',
    verdict: 'gone',
    ...AT_MOST_ONE,
  },
  { name: 'remade', share: 3, act: 'remake', verdict: 'Succeeded', ...ONE },
  { name: 'job-lost', share: 4, pod: UNTIL_STOPPED, act: 'deleteJob', verdict: 'Failed WorkloadLost', ...ONE_JOB },
  { name: 'pod-lost', share: 4, pod: UNTIL_STOPPED, act: 'deletePod', verdict: 'Failed WorkloadLost', ...ONE },
  { name: 'late-agent', share: 5, act: 'createAgent', verdict: 'Succeeded', ...ONE },
  { name: 'invalid', share: 3, spec: { parameters: {} }, verdict: 'Failed TemplateFailed', ...NONE },
];
