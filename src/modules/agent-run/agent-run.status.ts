import { formatTime, mergeConditions } from '../../api/meta/condition.js';
import { boundText } from '../../api/meta/text.js';
import type { AgentRunStatus } from '../../api/v1alpha1/agent-run-status.types.js';
import { RUN_REASONS } from '../../api/v1alpha1/reasons.js';
import type { RunnerReport } from '../../domain/runner-spec.js';
import type { Observation } from '../runtime/observation.types.js';
import { attemptsOf } from './attempts.status.js';
import type { CachedRun } from './cached-run.types.js';
import { conditionsOf, phaseOf } from './conditions.status.js';
import type { RunFacts, RunState } from './state.types.js';

/**
 * The whole next status of a run. Times and identifiers that were written once are kept; everything else is computed anew.
 */
export function runStatus(run: CachedRun, state: RunState, facts: RunFacts, now: Date): AgentRunStatus {
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
  const attempts = attemptsOf(run, state, facts, terminal || state.kind === 'retrying', now);
  const ref = attempts.at(-1)?.runtimeRef ?? current?.runtimeRef;
  const submittedAt = current?.submittedAt ?? attempts[0]?.submittedAt;
  const queuedAt = current?.queuedAt ?? submittedAt ?? (state.kind === 'queued' ? formatTime(now) : undefined);
  const startedAt = current?.startedAt ?? ('startedAt' in observation ? observation.startedAt : undefined);
  const finishedAt = current?.finishedAt ?? (terminal ? (endedAt(observation) ?? formatTime(now)) : undefined);
  const report = 'report' in observation ? observation.report : undefined;
  return {
    phase,
    conditions,
    ...headline(state),
    ...(queuedAt !== undefined && { queuedAt }),
    ...(submittedAt !== undefined && { submittedAt }),
    ...(startedAt !== undefined && { startedAt }),
    ...(finishedAt !== undefined && { finishedAt }),
    ...(ref && { runtimeRef: ref }),
    ...(attempts.length > 0 && { attempts }),
    ...(state.kind === 'failed' && { failureClass: state.failureClass }),
    ...collected(report, current),
    ...((current?.resolved ?? facts.resolved) && { resolved: current?.resolved ?? facts.resolved }),
    observedGeneration: metadata.generation ?? 0,
  };
}

/** What the runner reported stays when its pod is gone, and until a later attempt reports something. */
function collected(report: RunnerReport | undefined, current: AgentRunStatus | undefined) {
  const { artifacts, usage, outputs }: Partial<RunnerReport> | AgentRunStatus = report ?? current ?? {};
  return {
    ...(artifacts && artifacts.length > 0 && { artifacts }),
    ...(usage && { usage }),
    ...(outputs && { outputs }),
  };
}

const STARTING = 'submitted; the agent has not started yet';
const STARTING_AGAIN = 'the next attempt is submitted; its agent has not started yet';

function headline(state: RunState): { reason: string; message: string } {
  switch (state.kind) {
    case 'blocked':
      return { reason: state.reason, message: boundText(state.message) };
    case 'invalid':
      return { reason: state.reason, message: boundText(state.message) };
    case 'queued':
      return { reason: state.reason, message: boundText(state.message) };
    case 'starting':
      return {
        reason: state.waiting?.reason ?? (state.again ? RUN_REASONS.Retrying : RUN_REASONS.Submitted),
        message: boundText(state.waiting?.message ?? (state.again ? STARTING_AGAIN : STARTING)),
      };
    case 'retrying':
      return {
        reason: state.blocked?.reason ?? RUN_REASONS.Retrying,
        message: boundText(state.blocked?.message ?? state.message),
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

function endedAt(observation: Observation): string | undefined {
  return 'finishedAt' in observation ? observation.finishedAt : undefined;
}
