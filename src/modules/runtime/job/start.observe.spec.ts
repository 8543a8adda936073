import { describe, expect, it } from '@jest/globals';
import { aJob, aPod, beingDeleted, ended, held, judged } from '../../../../test/support/builders/job.js';
import { observeJob } from './job.observe.js';
import { CONTAINERS, DEADLINE_ANNOTATIONS, type Job, type Pod } from './job.types.js';

const CREATED = '2026-01-01T00:00:00Z';
const LATER = '2026-01-01T00:20:00Z';

function withDeadlines(job: Job): Job {
  const annotations = { [DEADLINE_ANNOTATIONS.start]: '600', [DEADLINE_ANNOTATIONS.end]: '3690' };
  return { ...job, metadata: { ...job.metadata, annotations } };
}

const scheduled = { type: 'PodScheduled', status: 'True', lastTransitionTime: '2026-01-01T00:00:02Z' };
const sandbox = { type: 'PodReadyToStartContainers', status: 'True' };
const checkingOut = { name: CONTAINERS.checkout, state: { running: { startedAt: CREATED } } };
const checkedOut = ended(0, { finishedAt: LATER }, CONTAINERS.checkout);
const pending = (status: Pod['status']) => aPod('Pending', status);

describe('how far a start came', () => {
  it.each<[string, Job['status'], Pod[], progress: string, since: string]>([
    ['a Job that nobody looked at', {}, [], 'noPod', CREATED],
    ['a Job without a pod', { startTime: '2026-01-01T00:00:05Z' }, [], 'noPod', '2026-01-01T00:00:05Z'],
    [
      'a suspended Job',
      { conditions: [{ type: 'Suspended', status: 'True', lastTransitionTime: LATER }] },
      [],
      'suspended',
      LATER,
    ],
    [
      'a Job that goes on after it was suspended',
      { conditions: [{ type: 'Suspended', status: 'False' }] },
      [],
      'noPod',
      CREATED,
    ],
    ['a Job whose pod this cache has yet to hear of', { active: 1 }, [], 'over', CREATED],
    ['a Job whose pod is gone', { failed: 1 }, [], 'over', CREATED],
    ['a Job whose pod ends', { terminating: 1 }, [], 'over', CREATED],
    ['a Job about to be judged', { conditions: [{ type: 'FailureTarget', status: 'True' }] }, [], 'over', CREATED],
    ['a pod without a node', {}, [pending({})], 'unscheduled', CREATED],
    ['a pod with a node', {}, [pending({ conditions: [scheduled] })], 'scheduled', '2026-01-01T00:00:02Z'],
    ['a pod with its network', {}, [pending({ conditions: [scheduled, sandbox] })], 'images', '2026-01-01T00:00:02Z'],
    [
      'a checkout',
      {},
      [pending({ conditions: [scheduled, sandbox], initContainerStatuses: [checkingOut] })],
      'checkout',
      '2026-01-01T00:00:02Z',
    ],
    [
      'a checkout that ended',
      {},
      [pending({ conditions: [scheduled, sandbox], initContainerStatuses: [checkedOut] })],
      'images',
      LATER,
    ],
    [
      'a pod evicted before it started',
      {},
      [aPod('Failed', { reason: 'Evicted', conditions: [scheduled] })],
      'over',
      '2026-01-01T00:00:02Z',
    ],
    [
      'a pod whose checkout failed',
      {},
      [aPod('Failed', { initContainerStatuses: [ended(125, {}, CONTAINERS.checkout)] })],
      'over',
      '2026-01-01T00:09:00Z',
    ],
  ])('%s', (_name, status, pods, progress, since) => {
    expect(observeJob(withDeadlines(aJob(status)), pods)).toMatchObject({ state: 'starting', progress, since });
  });
});

describe('until when a start may wait', () => {
  it.each<[string, Job['status'], Pod[], startBy: string]>([
    ['is counted from the Job', {}, [pending({})], '2026-01-01T00:10:00Z'],
    ['is counted from when a suspended Job went on', { startTime: LATER }, [pending({})], '2026-01-01T00:30:00Z'],
    [
      'does not count the time of a checkout',
      {},
      [pending({ initContainerStatuses: [checkedOut], containerStatuses: [held('ErrImagePull')] })],
      '2026-01-01T00:30:00Z',
    ],
  ])('%s', (_name, status, pods, startBy) => {
    expect(observeJob(withDeadlines(aJob(status)), pods)).toMatchObject({ startBy });
  });

  it('is not bounded when the Agent does not bound it', () => {
    expect(observeJob(aJob(), [pending({})])).not.toHaveProperty('startBy');
  });
});

describe('a container that could not be started', () => {
  const neverStarted = ended(128, { reason: 'StartError', startedAt: '1970-01-01T00:00:00Z' });

  it('did not start in 1970', () => {
    const seen = observeJob(withDeadlines(aJob({ active: 1 })), [
      aPod('Failed', { containerStatuses: [neverStarted] }),
    ]);
    expect(seen).toMatchObject({ state: 'starting', progress: 'over' });
    const judgedFailed = observeJob(aJob(judged('Failed')), [aPod('Failed', { containerStatuses: [neverStarted] })]);
    expect(judgedFailed).toMatchObject({ state: 'failed', failureClass: 'ContainerConfig' });
    expect(judgedFailed).not.toHaveProperty('startedAt');
  });
});

describe('until when an agent may run', () => {
  it('is of no interest once it ended, while its Job is not judged yet', () => {
    const over = aPod('Failed', { containerStatuses: [ended(1)] });
    expect(observeJob(withDeadlines(aJob()), [over])).not.toHaveProperty('endBy');
  });

  const running = aPod('Running', {
    containerStatuses: [{ name: CONTAINERS.agent, state: { running: { startedAt: LATER } } }],
  });

  it("is counted from its start, with the runner's own deadline and grace in it", () => {
    expect(observeJob(withDeadlines(aJob()), [running])).toMatchObject({
      state: 'running',
      endBy: '2026-01-01T01:21:30Z',
    });
  });
});

describe('a pod that is being deleted', () => {
  it('has the end of its grace, as long as it is not over', () => {
    expect(observeJob(aJob({}, true), [beingDeleted(aPod('Running'))])).toMatchObject({
      state: 'stopping',
      graceEnds: '2026-01-01T00:08:00Z',
    });
    expect(observeJob(aJob({}, true), [beingDeleted(aPod('Failed'))])).not.toHaveProperty('graceEnds');
  });
});

describe('a container that cannot be made', () => {
  it('says the same at each try, whatever ids the container runtime names', () => {
    const observe = (message: string) =>
      observeJob(aJob(), [pending({ containerStatuses: [held('CreateContainerError', message)] })]);
    expect(observe('name "x" is reserved for "0af3"')).toEqual(observe('context deadline exceeded'));
    expect(observe('x')).toMatchObject({ waiting: { reason: 'ContainerConfig' } });
  });
});
