import type { FailureClass } from '../../api/v1alpha1/failure-class.js';
import type { RuntimeType } from '../../api/v1alpha1/runtime-kind.js';
import type { RunnerReport } from '../../domain/runner-spec.js';

/** Opaque identifiers of a workload; nothing parses them (`status.runtimeRef`). */
export interface WorkloadRef {
  type: RuntimeType;
  name: string;
  namespace: string;
  uid: string;
}

/** Why a submitted workload has not started; `message` comes from the cluster, bounded and without secrets. */
export interface Waiting {
  reason: 'Unschedulable' | 'ImagePull' | 'ContainerConfig' | 'PodRejected';
  message: string;
}

/**
 * How far a start came: held by a queue, no pod, no node, a node, everything but the next container's image, the checkout
 * step, or over before anybody judged it.
 */
export type StartProgress = 'suspended' | 'noPod' | 'unscheduled' | 'scheduled' | 'images' | 'checkout' | 'over';

/** What takes a workload away that has not ended: it may be gone before anybody judges it. */
export interface Disruption {
  failureClass: Extract<FailureClass, 'Evicted' | 'WorkloadLost'>;
  message: string;
}

/** A workload that exists. */
interface Present {
  ref: WorkloadRef;
  /** When the workload was made. */
  createdAt: string;
}

/**
 * What a runtime reports of one attempt, in words that no runtime owns. Times are RFC 3339.
 * `absent` is what a cache or a live read does not find, whichever was asked; only a live read proves it.
 */
export type Observation =
  | { state: 'absent' }
  | (Present & {
      state: 'starting';
      /** When it must have started, if that is bounded. */
      startBy?: string;
      progress: StartProgress;
      /** When it came that far, or earlier where nothing says. */
      since: string;
      waiting?: Waiting;
    })
  | (Present & {
      state: 'running';
      startedAt: string;
      /** When it must have ended at the latest, the runner's own deadline and its grace included. */
      endBy?: string;
    })
  /** Asked to end, and something of it is still there. */
  | (Partial<Present> & {
      state: 'stopping';
      startedAt?: string;
      report?: RunnerReport;
      /** When its grace is over: a pod that outlives it is on a node that does not answer. */
      graceEnds?: string;
      /** Why, when it is not this control plane that asked. */
      disrupted?: Disruption;
    })
  | (Present & { state: 'succeeded'; startedAt?: string; finishedAt: string; report?: RunnerReport })
  | (Present & {
      state: 'failed';
      startedAt?: string;
      finishedAt: string;
      failureClass: FailureClass;
      message: string;
      exitCode?: number;
      report?: RunnerReport;
    });
