import type { FailureClass } from '../../api/v1alpha1/failure-class.js';
import type { InvalidReason, RunReason } from '../../api/v1alpha1/reasons.js';
import type { ResolvedRun } from '../../api/v1alpha1/agent-run-status.types.js';
import type { ExecutionSpec } from '../../domain/execution-spec.js';

/** Where a run stands: one row of the condition table in docs/spec/v1alpha1/agentrun.md each. */
export type RunState =
  | { kind: 'blocked'; reason: RunReason; message: string }
  | { kind: 'starting'; waiting?: { reason: RunReason; message: string } }
  | { kind: 'running' }
  | { kind: 'stopping'; message: string }
  | { kind: 'unreachable'; message: string }
  | { kind: 'succeeded'; message: string }
  | { kind: 'failed'; failureClass: FailureClass; message: string }
  | { kind: 'cancelled'; message: string }
  | { kind: 'invalid'; reason: InvalidReason; message: string };

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
