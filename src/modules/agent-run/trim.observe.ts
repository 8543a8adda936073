import { pick } from '../../api/meta/pick.js';
import { trimMeta } from '../../api/meta/trim-meta.js';
import type { AgentRunStatus } from '../../api/v1alpha1/agent-run-status.types.js';
import type { AgentRun, AgentRunSpec } from '../../api/v1alpha1/agent-run.types.js';
import { CONDITIONS } from '../../api/v1alpha1/conditions.js';
import { isFinished } from './agent-run.plan.js';
import { AFTER_SUBMISSION, type CachedRun } from './cached-run.types.js';

/** What is asked of a finished run; what it made and how its attempts went is read from the API server. */
const OUTCOME = [
  'phase',
  'reason',
  'failureClass',
  'submittedAt',
  'startedAt',
  'finishedAt',
  'runtimeRef',
  'observedGeneration',
] as const;

/**
 * What the cache keeps of a run, so that ten thousand finished ones cost little, whatever was written into them: the spec
 * while it may have to be resolved, the status as long as a next one is made from it. No status is written for a finished
 * run, so none is compared with what is left of it here.
 */
export function trimRun(run: AgentRun): CachedRun {
  const { apiVersion, kind, spec, status } = run;
  const finished = isFinished(run);
  const resolved = finished || status?.submittedAt !== undefined;
  return {
    apiVersion,
    kind,
    metadata: trimMeta(run),
    spec: resolved ? withoutContent(spec) : spec,
    ...(status && { status: finished ? outcomeOf(status) : status }),
  };
}

function withoutContent(spec: AgentRunSpec): CachedRun['spec'] {
  const { url } = spec.execution.coordinates.git;
  return { ...pick(spec, AFTER_SUBMISSION), execution: { coordinates: { git: { url } } } };
}

function outcomeOf(status: AgentRunStatus): AgentRunStatus {
  const conditions = (status.conditions ?? []).filter(({ type }) => type === CONDITIONS.Finished);
  const last = status.attempts?.at(-1);
  return {
    ...pick(status, OUTCOME),
    conditions,
    ...(last && { attempts: [pick(last, ['number', 'submittedAt', 'finishedAt'])] }),
    ...(status.resolved && { resolved: pick(status.resolved, ['ttlSecondsAfterFinished']) }),
  };
}
