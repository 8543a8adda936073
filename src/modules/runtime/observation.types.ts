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
 * What a runtime reports of one attempt, in words that no runtime owns. Times are RFC 3339.
 * `absent` is what a cache or a live read does not find, whichever was asked; only a live read proves it.
 */
export type Observation =
  | { state: 'absent' }
  | {
      state: 'starting';
      ref: WorkloadRef;
      createdAt: string;
      /** When it must have started, if that is bounded. */
      startBy?: string;
      /** How far it came: no pod, no node, a node, everything but the next container's image, the checkout step. */
      progress: 'noPod' | 'unscheduled' | 'scheduled' | 'images' | 'checkout';
      /** When it came that far, or earlier where nothing says. */
      since: string;
      waiting?: Waiting;
    }
  | { state: 'running'; ref: WorkloadRef; startedAt: string }
  /** Asked to end, and something of it is still there. */
  | { state: 'stopping'; ref?: WorkloadRef; startedAt?: string; report?: RunnerReport }
  | { state: 'succeeded'; ref: WorkloadRef; startedAt?: string; finishedAt: string; report?: RunnerReport }
  | {
      state: 'failed';
      ref: WorkloadRef;
      startedAt?: string;
      finishedAt: string;
      failureClass: FailureClass;
      message: string;
      exitCode?: number;
      report?: RunnerReport;
    };
