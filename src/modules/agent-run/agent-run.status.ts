import { formatTime, mergeConditions } from '../../api/meta/condition.js';
import { boundText } from '../../api/meta/text.js';
import type { AgentRunStatus, RunAttempt, RuntimeReference } from '../../api/v1alpha1/agent-run-status.types.js';
import type { AgentRun } from '../../api/v1alpha1/agent-run.types.js';
import { RUN_REASONS } from '../../api/v1alpha1/reasons.js';
import type { RunnerReport } from '../../domain/runner-spec.js';
import type { Observation } from '../runtime/observation.types.js';
import { conditionsOf, phaseOf } from './conditions.status.js';
import type { Resolved, RunState } from './state.types.js';

/** What a pass learnt beside the state. */
export interface RunFacts {
  observation: Observation;
  /** Of a submission in this pass. */
  ref?: RuntimeReference;
  resolved?: Resolved;
  verdict?: Pick<RunAttempt, 'failureClass' | 'message'>;
}

/** Attempts are counted from 1; repeating one is not built yet, so this is the only one. */
const FIRST_ATTEMPT = 1;

/**
 * The whole next status of a run. Times and identifiers that were written once are kept; everything else is computed anew.
 */
export function runStatus(run: AgentRun, state: RunState, facts: RunFacts, now: Date): AgentRunStatus {
  const { status: current, metadata } = run;
  const { observation } = facts;
  const conditions = mergeConditions(
    current?.conditions,
    conditionsOf(state, current?.conditions),
    now,
    metadata.generation ?? 0,
  );
  const phase = phaseOf(conditions);
  const terminal = phase !== 'Pending' && phase !== 'Running';
  const ref = current?.runtimeRef ?? facts.ref ?? ('ref' in observation ? observation.ref : undefined);
  const submittedAt = current?.submittedAt ?? (ref && (createdAt(observation) ?? formatTime(now)));
  const startedAt = current?.startedAt ?? ('startedAt' in observation ? observation.startedAt : undefined);
  const finishedAt = current?.finishedAt ?? (terminal ? (endedAt(observation) ?? formatTime(now)) : undefined);
  const report = 'report' in observation ? observation.report : undefined;
  return {
    phase,
    conditions,
    ...headline(state),
    ...(submittedAt !== undefined && { submittedAt }),
    ...(startedAt !== undefined && { startedAt }),
    ...(finishedAt !== undefined && { finishedAt }),
    ...(ref && { runtimeRef: ref }),
    ...(ref && {
      attempts: [
        {
          number: FIRST_ATTEMPT,
          runtimeRef: ref,
          ...(submittedAt !== undefined && { submittedAt }),
          ...(startedAt !== undefined && { startedAt }),
          ...(finishedAt !== undefined && { finishedAt }),
          ...attemptVerdict(state, facts, current?.attempts?.at(-1)),
        },
      ],
    }),
    ...(state.kind === 'failed' && { failureClass: state.failureClass }),
    ...collected(report, current),
    ...((current?.resolved ?? facts.resolved) && { resolved: current?.resolved ?? facts.resolved }),
    observedGeneration: metadata.generation ?? 0,
  };
}

function attemptVerdict(state: RunState, { verdict, observation }: RunFacts, previous: RunAttempt | undefined) {
  const exitCode = 'exitCode' in observation ? observation.exitCode : previous?.exitCode;
  const judged =
    verdict ??
    (state.kind === 'failed'
      ? { failureClass: state.failureClass, message: state.message }
      : previous && { failureClass: previous.failureClass, message: previous.message });
  return {
    ...(judged?.failureClass !== undefined && { failureClass: judged.failureClass }),
    ...(exitCode !== undefined && { exitCode }),
    ...(judged?.message !== undefined && { message: boundText(judged.message) }),
  };
}

/** What the runner reported stays when its pod is gone. */
function collected(report: RunnerReport | undefined, current: AgentRunStatus | undefined) {
  const artifacts = report?.artifacts ?? current?.artifacts;
  const usage = report?.usage ?? current?.usage;
  const outputs = report?.outputs ?? current?.outputs;
  return {
    ...(artifacts && artifacts.length > 0 && { artifacts }),
    ...(usage && { usage }),
    ...(outputs && { outputs }),
  };
}

function headline(state: RunState): { reason: string; message: string } {
  switch (state.kind) {
    case 'blocked':
      return { reason: state.reason, message: boundText(state.message) };
    case 'invalid':
      return { reason: state.reason, message: boundText(state.message) };
    case 'starting':
      return {
        reason: state.waiting?.reason ?? RUN_REASONS.Submitted,
        message: boundText(state.waiting?.message ?? 'submitted; the agent has not started yet'),
      };
    case 'running':
      return { reason: RUN_REASONS.Running, message: 'the agent is running' };
    case 'unreachable':
      return { reason: RUN_REASONS.NodeUnreachable, message: boundText(state.message) };
    case 'stopping':
      return { reason: RUN_REASONS.Stopping, message: boundText(state.message) };
    case 'succeeded':
      return { reason: RUN_REASONS.Succeeded, message: boundText(state.message) };
    case 'failed':
      return { reason: state.failureClass, message: boundText(state.message) };
    case 'cancelled':
      return { reason: RUN_REASONS.Cancelled, message: boundText(state.message) };
  }
}

function createdAt(observation: Observation): string | undefined {
  return 'createdAt' in observation ? observation.createdAt : undefined;
}

function endedAt(observation: Observation): string | undefined {
  return 'finishedAt' in observation ? observation.finishedAt : undefined;
}
