import type { Observation, WorkloadRef } from '../../../src/modules/runtime/observation.types.js';
import { CREATED } from './objects.js';

/** The workload that the observations below are of. */
export const ref: WorkloadRef = { type: 'job', name: 'j', namespace: 'team-a', uid: 'job-uid' };

type Of<State extends Observation['state']> = Extract<Observation, { state: State }>;

const present = { ref, createdAt: CREATED };
const over = { ...present, startedAt: CREATED, finishedAt: '2026-01-01T00:09:00Z' };

export const ABSENT: Of<'absent'> = { state: 'absent' };
export const STARTING: Of<'starting'> = { state: 'starting', ...present, progress: 'images', since: CREATED };
export const RUNNING: Of<'running'> = { state: 'running', ...present, startedAt: CREATED };
export const STOPPING: Of<'stopping'> = { state: 'stopping', ref };
export const SUCCEEDED: Of<'succeeded'> = { state: 'succeeded', ...over };
/** With a class that is not repeated unless a run asks for it. */
export const FAILED: Of<'failed'> = { state: 'failed', ...over, failureClass: 'AgentError', message: 'exit 1' };
