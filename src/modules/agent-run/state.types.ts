import type { FailureClass } from '../../api/v1alpha1/failure-class.js';
import type { InvalidReason, RunReason } from '../../api/v1alpha1/reasons.js';
import type { ResolvedRun, RuntimeReference } from '../../api/v1alpha1/agent-run-status.types.js';
import type { ExecutionSpec } from '../../domain/execution-spec.js';
import type { Observation } from '../runtime/observation.types.js';

/** Where a run stands: one row of the condition table in docs/spec/v1alpha1/agentrun.md each. */
export type RunState =
  | { kind: 'blocked'; reason: RunReason; message: string }
  | Queued
  /** `again`: the attempts before it failed. */
  | { kind: 'starting'; waiting?: { reason: RunReason; message: string }; again?: true }
  | { kind: 'running' }
  /** Between two attempts. `failure`: the attempt that ended in this pass; `blocked`: the next one is due and cannot be made. */
  | {
      kind: 'retrying';
      message: string;
      failure?: AttemptFailure;
      blocked?: { reason: RunReason; message: string };
    }
  | { kind: 'stopping'; message: string }
  | { kind: 'unreachable'; message: string }
  | { kind: 'succeeded'; message: string }
  | { kind: 'failed'; failureClass: FailureClass; message: string }
  | { kind: 'cancelled'; message: string }
  | { kind: 'invalid'; reason: InvalidReason; message: string };

/** Why an attempt failed. */
export interface AttemptFailure {
  failureClass: FailureClass;
  message: string;
}

/** Ready, and waiting for its turn. */
export interface Queued {
  kind: 'queued';
  reason: 'Queued' | 'AgentPaused';
  /** Says nothing that changes while it waits, such as a position. */
  message: string;
}

/** Whether a workload may be made now. */
export type Admitted = { kind: 'granted' } | Queued;

/** What a run waits for before it can be submitted. */
export type Blocked = Extract<RunState, { kind: 'blocked' }>;

/** What is wrong with the run itself. */
export type Invalid = Extract<RunState, { kind: 'invalid' }>;

/** What resolving a run's references comes to, before anything was submitted. */
export type Resolution = { kind: 'ready'; execution: ExecutionSpec } | Blocked | Invalid;

/** `status.resolved` of an execution. */
export type Resolved = Required<
  Pick<ResolvedRun, 'image' | 'executionSpecHash' | 'agentGeneration' | 'providerGeneration'>
> &
  ResolvedRun;

/** What a pass learnt beside the state. */
export interface RunFacts {
  observation: Observation;
  /** Of a submission in this pass. */
  ref?: RuntimeReference;
  resolved?: Resolved;
  verdict?: AttemptFailure;
}
