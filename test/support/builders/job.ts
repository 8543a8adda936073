import { RUNNER_SCHEMA_VERSION, type RunnerReport } from '../../../src/domain/runner-spec.js';
import { CONTAINERS, type ContainerStatus, type Job, type Pod } from '../../../src/modules/runtime/job/job.types.js';

const CREATED = '2026-01-01T00:00:00Z';

const meta = (name: string, uid: string) => ({
  name,
  namespace: 'team-a',
  uid,
  resourceVersion: '1',
  creationTimestamp: CREATED,
});

/** A Job as the API server has it right after it was created. */
export function aJob(status: Job['status'] = {}, deleting = false): Job {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { ...meta('run-1', 'job-uid'), ...(deleting && { deletionTimestamp: CREATED }) },
    status,
  };
}

/** Its `Complete` or `Failed` condition. */
export function judged(type: 'Complete' | 'Failed', reason?: string): Job['status'] {
  return {
    conditions: [{ type, status: 'True', ...(reason && { reason }), lastTransitionTime: '2026-01-01T00:10:00Z' }],
  };
}

/** A pod of that Job. */
export function aPod(phase: string, status: Pod['status'] = {}, createdAt = CREATED): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...meta('run-1-abcde', `pod-${createdAt}`), creationTimestamp: createdAt },
    status: { phase, ...status },
  };
}

/** The same pod when its deletion was asked for. */
export function beingDeleted(pod: Pod): Pod {
  return { ...pod, metadata: { ...pod.metadata, deletionTimestamp: '2026-01-01T00:08:00Z' } };
}

/** The pod that the Job controller makes for a Job. */
export function podOf({ metadata }: Job, status: NonNullable<Pod['status']>): Pod {
  const { name, uid, labels = {} } = metadata;
  const owner = { apiVersion: 'batch/v1', kind: 'Job', name, uid, controller: true };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata, name: `${name}-x`, uid: `${uid}-x`, labels, ownerReferences: [owner] },
    status,
  };
}

type Terminated = NonNullable<NonNullable<ContainerStatus['state']>['terminated']>;

/** The agent's (or another) container after it ended. */
export function ended(
  exitCode: number,
  more: Partial<Terminated> = {},
  name: string = CONTAINERS.agent,
): ContainerStatus {
  const times = { startedAt: '2026-01-01T00:01:00Z', finishedAt: '2026-01-01T00:09:00Z' };
  return { name, state: { terminated: { exitCode, ...times, ...more } } };
}

/** A container that waits. */
export function held(reason: string, message = '', name: string = CONTAINERS.agent): ContainerStatus {
  return { name, image: 'registry.example/agent:1', state: { waiting: { reason, message } } };
}

/** A termination message as agent-runner writes it. */
export function aReport(report: Partial<RunnerReport> = {}): string {
  return JSON.stringify({ schemaVersion: RUNNER_SCHEMA_VERSION, exitCode: 0, artifacts: [], ...report });
}
