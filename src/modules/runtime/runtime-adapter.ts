import type { OwnerReference } from '../../api/meta/object.js';
import type { RuntimeType } from '../../api/v1alpha1/runtime-kind.js';
import type { ExecutionSpec } from '../../domain/execution-spec.js';
import type { Watch } from '../manager/reconciler.js';
import type { Observation, WorkloadRef } from './observation.types.js';

/** Which workload of which run: enough to name it, without reading anything. */
export interface WorkloadIdentity {
  run: { name: string; namespace: string; uid: string };
  /** From 1. */
  attempt: number;
}

/** A workload to be made. */
export interface Workload extends WorkloadIdentity {
  owner: OwnerReference;
  execution: ExecutionSpec;
  /** Name of the ConfigMap that holds the frozen spec. */
  configMapName: string;
}

/**
 * What became of a submission. `refused` may change by itself (quota, a right not granted); `rejected` never does (the
 * API server finds the workload invalid); `nameConflict`: the name is taken by an object that is not the run's.
 */
export type Submission =
  | { kind: 'submitted'; ref: WorkloadRef }
  | { kind: 'refused'; reason: 'QuotaExceeded' | 'Forbidden'; message: string }
  | { kind: 'rejected'; message: string }
  | { kind: 'nameConflict'; message: string };

/** Runs attempts on one runtime. Implementations decide in pure files beside them; these methods only do I/O. */
export interface RuntimeAdapter {
  readonly type: RuntimeType;
  /** Creates the workload under its deterministic name; one that is there already and is the run's own counts as submitted. */
  submit(workload: Workload, signal: AbortSignal): Promise<Submission>;
  /** What the caches know. Never does I/O. */
  observe(identity: WorkloadIdentity): Observation;
  /** What the runtime itself says now: the one live read before a verdict that cannot be taken back. */
  confirm(identity: WorkloadIdentity, signal: AbortSignal): Promise<Observation>;
  /** Asks the workload to end. Returns at once; `absent` says that it did. Safe to repeat. */
  stop(identity: WorkloadIdentity, signal: AbortSignal): Promise<void>;
  /** Events of its workloads, as keys of the runs they belong to. */
  watches(keyOfUid: (uid: string) => string | undefined): readonly Watch[];
}
