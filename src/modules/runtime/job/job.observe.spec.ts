import { describe, expect, it } from '@jest/globals';
import { aJob, aPod, aReport, beingDeleted, ended, judged } from '../../../../test/support/builders/job.js';
import { observeJob } from './job.observe.js';
import { CONTAINERS, type Job, type Pod, STORE_ANNOTATIONS } from './job.types.js';

const { keyPrefix: KEY_PREFIX, urlPrefix: URL_PREFIX } = STORE_ANNOTATIONS;
const STORED = { name: 'patch', path: 'p', sizeBytes: 1, sha256: 'a'.repeat(64), stored: true as const };

type Row = [name: string, job: Job | undefined, pods: Pod[], expected: object];

const running = aPod('Running', {
  containerStatuses: [{ name: CONTAINERS.agent, state: { running: { startedAt: '2026-01-01T00:01:00Z' } } }],
});
const succeeded = aPod('Succeeded', { containerStatuses: [ended(0, { message: aReport({ message: 'done' }) })] });
const failed = (exitCode: number, more = {}) => aPod('Failed', { containerStatuses: [ended(exitCode, more)] });

describe('the state of an attempt', () => {
  it.each<Row>([
    ['no Job and no pod is absent', undefined, [], { state: 'absent' }],
    ['a pod that outlives its Job is stopping', undefined, [running], { state: 'stopping' }],
    ['a finished pod without its Job is absent', undefined, [succeeded], { state: 'absent' }],
    [
      'a Job that is being deleted is stopping, and says when its agent started',
      aJob({}, true),
      [running],
      { state: 'stopping', startedAt: '2026-01-01T00:01:00Z' },
    ],
    ['a Job without a pod is starting', aJob(), [], { state: 'starting', createdAt: '2026-01-01T00:00:00Z' }],
    ['a pod that is pulled is starting', aJob({ active: 1 }), [aPod('Pending')], { state: 'starting' }],
    ['a running agent is running', aJob(), [running], { state: 'running', startedAt: '2026-01-01T00:01:00Z' }],
    ['an ended pod before the Job is judged is running', aJob(), [failed(1)], { state: 'running' }],
    ['failed pods counted by the Job are no verdict', aJob({ active: 0 }), [failed(1)], { state: 'running' }],
    [
      'a complete Job succeeded',
      aJob(judged('Complete')),
      [succeeded],
      { state: 'succeeded', startedAt: '2026-01-01T00:01:00Z', finishedAt: '2026-01-01T00:09:00Z' },
    ],
    [
      'a complete Job with a store has artifacts with a key below its prefix',
      {
        ...aJob(judged('Complete')),
        metadata: { ...aJob().metadata, annotations: { [KEY_PREFIX]: 'uid/1/', [URL_PREFIX]: 'http://s3/b/uid/1/' } },
      },
      [aPod('Succeeded', { containerStatuses: [ended(0, { message: aReport({ artifacts: [STORED] }) })] })],
      { report: { artifacts: [{ key: 'uid/1/patch', url: 'http://s3/b/uid/1/patch' }] } },
    ],
    [
      'a complete Job whose pod was collected succeeded',
      aJob({ ...judged('Complete'), completionTime: '2026-01-01T00:09:30Z' }),
      [],
      { state: 'succeeded', finishedAt: '2026-01-01T00:09:30Z' },
    ],
    [
      'a failed Job whose pod still gets its grace is stopping',
      aJob(judged('Failed')),
      [beingDeleted(running)],
      { state: 'stopping' },
    ],
    [
      'a pod that something else deletes is stopping until it is over, also before its Job is judged',
      aJob({ active: 1 }),
      [beingDeleted(running)],
      { state: 'stopping', graceEnds: '2026-01-01T00:08:00Z' },
    ],
    [
      'a pod that had its grace and is over is not waited for',
      aJob(),
      [beingDeleted(failed(143))],
      { state: 'running' },
    ],
    [
      'an older pod that does not end counts, whatever came of a newer one',
      aJob(judged('Failed')),
      [
        beingDeleted(running),
        { ...failed(1), metadata: { ...failed(1).metadata, creationTimestamp: '2026-01-01T00:00:05Z' } },
      ],
      { state: 'stopping', graceEnds: '2026-01-01T00:08:00Z' },
    ],
    [
      'a pod that does not end is stopping when its Job is gone',
      undefined,
      [beingDeleted(running)],
      { state: 'stopping', graceEnds: '2026-01-01T00:08:00Z' },
    ],
    [
      'a complete Job whose pod is not known to be over is as that pod is',
      aJob(judged('Complete')),
      [running],
      { state: 'running' },
    ],
    [
      'a failed Job failed',
      aJob(judged('Failed')),
      [failed(1)],
      { state: 'failed', failureClass: 'AgentError', exitCode: 1 },
    ],
    [
      'a failed Job without a pod or a time failed when it was judged',
      aJob(judged('Failed')),
      [],
      { state: 'failed', failureClass: 'WorkloadLost', finishedAt: '2026-01-01T00:10:00Z' },
    ],
    [
      'the newest pod counts',
      aJob(),
      [
        aPod('Failed', {}, '2026-01-01T00:00:00Z'),
        { ...running, metadata: { ...running.metadata, creationTimestamp: '2026-01-01T00:00:05Z' } },
      ],
      { state: 'running' },
    ],
  ])('%s', (_name, job, pods, expected) => {
    expect(observeJob(job, pods)).toMatchObject(expected);
  });

  it.each([
    [0, false],
    [143, true],
  ])('takes a pod that is evicted for disrupted after its agent ended with %i: %p', (exitCode, disrupted) => {
    const conditions = [{ type: 'DisruptionTarget', status: 'True', message: 'preempted' }];
    const pod = beingDeleted(aPod('Running', { conditions, containerStatuses: [ended(exitCode)] }));
    expect('disrupted' in observeJob(aJob(), [pod])).toBe(disrupted);
  });

  it('hands on what the runner reported', () => {
    const observation = observeJob(aJob(judged('Complete')), [succeeded]);
    expect(observation).toMatchObject({ report: { message: 'done', exitCode: 0 } });
  });

  it('refers to the Job by its uid', () => {
    expect(observeJob(aJob(), [])).toMatchObject({
      ref: { type: 'job', name: 'run-1', namespace: 'team-a', uid: 'job-uid' },
    });
  });
});
