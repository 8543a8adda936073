import { describe, expect, it } from '@jest/globals';
import { anExecution } from '../../../test/support/builders/execution.js';
import { aRun, CREATED } from '../../../test/support/builders/objects.js';
import {
  ABSENT,
  FAILED,
  ref,
  RUNNING,
  STARTING,
  STOPPING,
  SUCCEEDED,
} from '../../../test/support/builders/observations.js';
import { anInput } from '../../../test/support/builders/run-input.js';
import type { AgentRunStatus } from '../../api/v1alpha1/agent-run-status.types.js';
import type { AgentRun } from '../../api/v1alpha1/agent-run.types.js';
import type { Observation } from '../runtime/observation.types.js';
import { type Decision, planRun } from './agent-run.plan.js';
import type { Resolution, RunState } from './state.types.js';

const NOW = new Date('2026-01-01T00:10:00Z');
const ready: Resolution = { kind: 'ready', execution: anExecution() };
const blocked: Resolution = { kind: 'blocked', reason: 'AgentNotFound', message: 'm' };
const invalid: Resolution = { kind: 'invalid', reason: 'SecretNotAllowed', message: 'm' };

const underWay = { number: 1, runtimeRef: ref, submittedAt: CREATED };
const submitted: AgentRunStatus = { submittedAt: CREATED, runtimeRef: ref, attempts: [underWay] };
const started: AgentRunStatus = { ...submitted, startedAt: CREATED, attempts: [{ ...underWay, startedAt: CREATED }] };
const judged: AgentRunStatus = {
  ...submitted,
  attempts: [{ ...underWay, failureClass: 'ImagePull', message: 'no image' }],
};
const finished = (type: string): AgentRunStatus => ({
  ...submitted,
  conditions: [{ type: 'Finished', status: 'True', reason: type, message: '', lastTransitionTime: CREATED }],
});

function plan(run: AgentRun, observation: Observation, resolution: Resolution = ready, confirmed = true): Decision {
  return planRun(anInput(run, observation, { confirmed, resolve: () => resolution }), NOW);
}

describe('a run that was not submitted', () => {
  it.each<[string, AgentRun, Resolution, Decision]>([
    ['is submitted when it is ready', aRun(), ready, { action: { kind: 'submit', execution: anExecution() } }],
    ['waits when a reference is missing', aRun(), blocked, { state: blocked }],
    ['is invalid when a policy forbids it', aRun(), invalid, { state: invalid }],
    [
      'is cancelled without being resolved',
      aRun({ cancel: true }),
      ready,
      { state: { kind: 'cancelled', message: 'cancelled before it was submitted' } },
    ],
    ['is left alone while it is deleted', aRun({}, undefined, { deletionTimestamp: CREATED }), ready, {}],
  ])('%s', (_name, run, resolution, expected) => {
    expect(plan(run, ABSENT, resolution)).toEqual(expected);
  });
});

describe('a verdict that rests on a cache', () => {
  it.each<[string, AgentRun, Resolution]>([
    ['that the workload is lost', aRun({}, submitted), ready],
    ['that the run is invalid', aRun(), invalid],
    ['that the run is cancelled', aRun({ cancel: true }), ready],
  ])('%s is confirmed by a live read first', (_name, run, resolution) => {
    expect(plan(run, ABSENT, resolution, false).unconfirmed).toBe(true);
    expect(plan(run, ABSENT, resolution, true).unconfirmed).toBeUndefined();
  });

  it.each([
    ['succeeded', { state: 'succeeded', ref, createdAt: CREATED, finishedAt: CREATED }],
    [
      'failed',
      { state: 'failed', ref, createdAt: CREATED, finishedAt: CREATED, failureClass: 'WorkloadLost', message: 'm' },
    ],
  ] satisfies [string, Observation][])('that a Job %s whose pod is not cached is confirmed as well', (_name, seen) => {
    expect(plan(aRun({}, submitted), seen, ready, false).unconfirmed).toBe(true);
    expect(plan(aRun({}, submitted), seen, ready, true).unconfirmed).toBeUndefined();
  });

  it('is not needed for what can be taken back, nor for what the workload itself says', () => {
    expect(plan(aRun(), ABSENT, blocked, false).unconfirmed).toBeUndefined();
    expect(plan(aRun({}, submitted), FAILED, ready, false).unconfirmed).toBeUndefined();
  });
});

describe('a submitted run', () => {
  const stop = { kind: 'stop', attempt: 1 } as const;
  const cancelled = aRun({ cancel: true }, submitted);

  it.each<[string, AgentRun, Observation, Partial<RunState> | undefined, Decision['action']]>([
    ['is starting', aRun({}, submitted), STARTING, { kind: 'starting' }, undefined],
    [
      'is starting and says what keeps it',
      aRun({}, submitted),
      { ...STARTING, waiting: { reason: 'ImagePull', message: 'm' } },
      { kind: 'starting', waiting: { reason: 'ImagePull', message: 'm' } },
      undefined,
    ],
    ['is running', aRun({}, submitted), RUNNING, { kind: 'running' }, undefined],
    ['succeeded', aRun({}, submitted), SUCCEEDED, { kind: 'succeeded' }, undefined],
    ['failed', aRun({}, submitted), FAILED, { kind: 'failed', failureClass: 'AgentError' }, undefined],
    [
      'is stopping when something else deletes its workload',
      aRun({}, submitted),
      STOPPING,
      { kind: 'stopping' },
      undefined,
    ],
    ['lost its workload', aRun({}, submitted), ABSENT, { kind: 'failed', failureClass: 'WorkloadLost' }, undefined],
    ['is running before its status knows of a submission', aRun(), RUNNING, { kind: 'running' }, undefined],
    ['is stopped on cancel while it starts', cancelled, STARTING, { kind: 'stopping' }, stop],
    ['is stopped on cancel while it runs', cancelled, RUNNING, { kind: 'stopping' }, stop],
    ['is waited for after it was stopped', cancelled, STOPPING, { kind: 'stopping' }, undefined],
    ['is cancelled once its workload is gone', cancelled, ABSENT, { kind: 'cancelled' }, undefined],
    ['keeps a success that came before the cancel took effect', cancelled, SUCCEEDED, { kind: 'succeeded' }, undefined],
    [
      'is stopped after its verdict was written down',
      aRun({}, judged),
      STARTING,
      { kind: 'stopping', message: 'no image' },
      stop,
    ],
    ['keeps that verdict when the agent starts after all', aRun({}, judged), RUNNING, { kind: 'stopping' }, stop],
    [
      'keeps that verdict when the agent even succeeds',
      aRun({}, judged),
      SUCCEEDED,
      { kind: 'failed', failureClass: 'ImagePull' },
      undefined,
    ],
    [
      'fails with that verdict once its workload is gone',
      aRun({}, judged),
      ABSENT,
      { kind: 'failed', failureClass: 'ImagePull', message: 'no image' },
      undefined,
    ],
  ])('%s', (_name, run, observation, state, action) => {
    const decision = plan(run, observation);
    expect(decision.state).toMatchObject(state ?? {});
    expect(decision.action).toEqual(action);
  });
});

describe('the start deadline', () => {
  const run = aRun({}, submitted);
  const startBy = (time: string, more = {}): Observation => ({
    ...STARTING,
    startBy: `2026-01-01T00:${time}Z`,
    ...more,
  });

  it('is waited for', () => {
    expect(plan(run, startBy('11:00'))).toMatchObject({ state: { kind: 'starting' }, requeueAfterMs: 60_000 });
  });

  it('does not hold a checkout that is under way', () => {
    expect(plan(run, startBy('09:00', { progress: 'checkout' }))).toEqual({ state: { kind: 'starting' } });
  });

  it.each([
    [
      'the reason that kept it',
      { waiting: { reason: 'Unschedulable', message: 'no node' } },
      'Unschedulable',
      'no node',
    ],
    ['no pod', { progress: 'noPod' }, 'PodRejected', "Job's events"],
    ['no node', { progress: 'unscheduled' }, 'Unschedulable', "pod's events"],
    ['a pod that gets no volumes', { progress: 'scheduled' }, 'ContainerConfig', 'Secret, ConfigMap or claim'],
    ['a pull that is still under way', {}, 'ImagePull', 'still being pulled'],
  ])(
    'passed, is a verdict of %s, written down before the workload is stopped',
    (_name, more, failureClass, message) => {
      expect(plan(run, startBy('10:00', more), ready, false).unconfirmed).toBe(true);
      const decision = plan(run, startBy('10:00', more));
      expect(decision).toMatchObject({ state: { kind: 'stopping' }, verdict: { failureClass } });
      expect(decision.verdict?.message).toContain(message);
      expect(decision.action).toBeUndefined();
    },
  );
});

describe('a start that takes long', () => {
  const run = aRun({}, submitted);
  const at = (time: string, more: object): Observation => ({ ...STARTING, since: `2026-01-01T00:${time}Z`, ...more });

  it.each<[what: string, more: object, reason: string]>([
    ['a pod that is not admitted', { progress: 'noPod' }, 'PodRejected'],
    ['a pod that gets no node', { progress: 'unscheduled' }, 'Unschedulable'],
    ['a pod that gets no volumes', { progress: 'scheduled' }, 'ContainerConfig'],
  ])('is looked at again, and then Blocked: %s', (_what, more, reason) => {
    expect(plan(run, at('09:55', more))).toEqual({ state: { kind: 'starting' }, requeueAfterMs: 10_000 });
    const { state, requeueAfterMs } = plan(run, at('09:45', more));
    expect(state).toMatchObject({ kind: 'starting', waiting: { reason } });
    expect(requeueAfterMs).toBeUndefined();
  });

  it('is not Blocked by an image that is large', () => {
    expect(plan(run, at('00:00', { progress: 'images' }))).toEqual({ state: { kind: 'starting' } });
  });

  it('is judged at its deadline when that comes first', () => {
    const more = { progress: 'noPod', startBy: '2026-01-01T00:10:05Z' };
    expect(plan(run, at('09:55', more))).toMatchObject({ requeueAfterMs: 5_000 });
  });
});

describe('a run that has started', () => {
  const run = aRun({}, started);

  it('stays Running while its pod is gone and its Job not judged yet', () => {
    const gone: Observation = { ...STARTING, progress: 'over', startBy: CREATED };
    expect(plan(run, gone)).toEqual({ state: { kind: 'running' } });
    expect(plan(run, { ...gone, progress: 'noPod' })).toEqual({ state: { kind: 'running' } });
  });

  it('is looked at again when its runner should have ended it', () => {
    expect(plan(run, { ...RUNNING, endBy: '2026-01-01T00:11:00Z' })).toEqual({
      state: { kind: 'running' },
      requeueAfterMs: 60_000,
    });
  });

  it('is judged Timeout when its runner did not, confirmed and written down before it is stopped', () => {
    const late: Observation = { ...RUNNING, endBy: '2026-01-01T00:10:00Z' };
    expect(plan(run, late, ready, false).unconfirmed).toBe(true);
    expect(plan(run, late)).toMatchObject({ state: { kind: 'stopping' }, verdict: { failureClass: 'Timeout' } });
    expect(plan(run, late).action).toBeUndefined();
  });
});

describe('a workload that the cluster takes away', () => {
  const disrupted = { failureClass: 'Evicted', message: 'preempted' } as const;

  it('is judged by that at once, for its pod may be gone before its Job says why', () => {
    const run = aRun({}, started);
    const evicted: Observation = { ...STOPPING, disrupted };
    expect(plan(run, evicted, ready, false)).toMatchObject({ unconfirmed: true });
    expect(plan(run, evicted)).toEqual({ state: { kind: 'stopping', message: 'preempted' }, verdict: disrupted });
  });

  it('is not, when this control plane has asked it to end', () => {
    const cancelled = plan(aRun({ cancel: true }, started), { ...STOPPING, disrupted });
    expect(cancelled).not.toHaveProperty('verdict');
    expect(plan(aRun({}, judged), { ...STOPPING, disrupted })).not.toHaveProperty('verdict');
  });
});

describe('a workload that does not end', () => {
  const run = aRun({ cancel: true }, submitted);

  it('is waited for as long as its grace, and a little', () => {
    const stopping: Observation = { ...STOPPING, graceEnds: '2026-01-01T00:10:00Z' };
    expect(plan(run, stopping)).toMatchObject({ state: { kind: 'stopping' }, requeueAfterMs: 30_000 });
  });

  it('is on a node that does not answer', () => {
    const stopping: Observation = { ...STOPPING, graceEnds: '2026-01-01T00:09:30Z' };
    expect(plan(run, stopping)).toMatchObject({ state: { kind: 'unreachable' } });
    expect(plan(run, stopping).action).toBeUndefined();
  });
});

describe('a run that is being deleted', () => {
  const deleting = (finalizers?: string[]) => aRun({}, submitted, { deletionTimestamp: CREATED, finalizers });

  it.each<[string, Observation, string[] | undefined, Decision]>([
    [
      'and kept by a finalizer of others has its workload stopped',
      RUNNING,
      ['example.com/audit'],
      {
        state: { kind: 'stopping', message: 'the run is being deleted; waiting for the workload to end' },
        action: { kind: 'stop', attempt: 1 },
      },
    ],
    [
      'waits for its workload to end',
      STOPPING,
      undefined,
      { state: { kind: 'stopping', message: 'the run is being deleted; waiting for the workload to end' } },
    ],
    ['is not judged any more', ABSENT, undefined, {}],
    ['without its dependents leaves them as they are', RUNNING, ['orphan'], {}],
  ])('%s', (_name, observation, finalizers, expected) => {
    expect(plan(deleting(finalizers), observation)).toEqual(expected);
  });
});

describe('a finished run', () => {
  it.each<[string, Observation, Decision]>([
    ['is left alone when its workload is gone', ABSENT, {}],
    ['is left alone when its workload ended', FAILED, {}],
    ['has a workload that should not be there stopped', RUNNING, { action: { kind: 'stop', attempt: 1 } }],
    ['has a workload that appears late stopped', STARTING, { action: { kind: 'stop', attempt: 1 } }],
  ])('%s', (_name, observation, expected) => {
    expect(plan(aRun({}, finished('Cancelled')), observation, invalid)).toEqual(expected);
  });
});
