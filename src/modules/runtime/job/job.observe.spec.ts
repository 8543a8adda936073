import { describe, expect, it } from '@jest/globals';
import { aJob, aPod, aReport, ended, held, judged } from '../../../../test/support/builders/job.js';
import { observeJob } from './job.observe.js';
import { CONTAINERS, type Job, type Pod, STORE_ANNOTATIONS } from './job.types.js';

const { keyPrefix: KEY_PREFIX, urlPrefix: URL_PREFIX } = STORE_ANNOTATIONS;
const STORED = { name: 'patch', path: 'p', sizeBytes: 1, sha256: 'a'.repeat(64), stored: true as const };

type Row = [name: string, job: Job | undefined, pods: Pod[], expected: object];

const running = aPod('Running', {
  containerStatuses: [{ name: CONTAINERS.agent, state: { running: { startedAt: '2026-01-01T00:01:00Z' } } }],
});
const succeeded = aPod('Succeeded', { containerStatuses: [ended(0, { message: aReport({ message: 'done' }) })] });
const beingDeleted = (pod: Pod): Pod => ({
  ...pod,
  metadata: { ...pod.metadata, deletionTimestamp: '2026-01-01T00:08:00Z' },
});
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

describe('the class of a failed attempt', () => {
  const init = (exitCode: number, more = {}, name: string = CONTAINERS.checkout) =>
    aPod('Failed', { initContainerStatuses: [ended(exitCode, more, name)] });
  const evicted = { reason: 'Evicted', message: 'Pod ephemeral local storage usage exceeds the total limit' };

  it.each<[name: string, pod: Pod | undefined, failureClass: string, message: string]>([
    ['an exit code', failed(3), 'AgentError', 'the agent ended with exit code 3'],
    ['a signal', failed(137), 'AgentError', 'exit code 137'],
    ['a message of the agent', failed(2, { message: aReport({ message: 'no tests' }) }), 'AgentError', 'no tests'],
    ['an OOM kill', failed(137, { reason: 'OOMKilled' }), 'OutOfMemory', 'lack of memory'],
    [
      'an OOM kill of a child with an exit code of its own',
      failed(1, { reason: 'OOMKilled' }),
      'OutOfMemory',
      'lack of memory',
    ],
    ['an OOM kill of the checkout', init(137, { reason: 'OOMKilled' }), 'OutOfMemory', 'checkout step'],
    ['an eviction', aPod('Failed', evicted), 'Evicted', 'ephemeral local storage'],
    [
      'a disruption',
      aPod('Failed', { conditions: [{ type: 'DisruptionTarget', status: 'True', message: 'preempted' }] }),
      'Evicted',
      'preempted',
    ],
    [
      'a node that refused the pod',
      aPod('Failed', { reason: 'OutOfcpu', message: 'Node did not have enough resource' }),
      'WorkloadLost',
      "the pod's node ended it: OutOfcpu: Node did not have enough resource",
    ],
    ["the pod's own deadline", aPod('Failed', { reason: 'DeadlineExceeded' }), 'Timeout', 'activeDeadlineSeconds'],
    [
      "the runner's deadline",
      failed(124, { message: aReport({ failure: 'Timeout', message: 'passed 60 s' }) }),
      'Timeout',
      'passed 60 s',
    ],
    ['124 of the agent itself', failed(124), 'AgentError', 'exit code 124'],
    [
      'a required artifact missing',
      failed(125, { message: aReport({ failure: 'ArtifactMissing', message: 'report.md' }) }),
      'ArtifactMissing',
      'report.md',
    ],
    [
      'a required artifact that could not be stored',
      failed(125, { message: aReport({ failure: 'UploadFailed', message: 'the store failed' }) }),
      'RuntimeError',
      'the store failed',
    ],
    [
      'an exit code, beside a store that was killed at the end of its grace',
      aPod('Failed', {
        initContainerStatuses: [ended(0), ended(137, { reason: 'OOMKilled' }, CONTAINERS.store)],
        containerStatuses: [ended(3)],
      }),
      'AgentError',
      'the agent ended with exit code 3',
    ],
    [
      'a spec the runner refuses',
      failed(125, { message: aReport({ failure: 'InvalidSpec', message: 'schemaVersion' }) }),
      'RuntimeError',
      'schemaVersion',
    ],
    [
      'a workspace the runner cannot use',
      failed(125, { message: aReport({ failure: 'RunnerError', message: 'cannot prepare the workspace' }) }),
      'RuntimeError',
      'cannot prepare the workspace',
    ],
    [
      'a missing binary',
      failed(127, { message: aReport({ failure: 'NotFound', message: 'no such file: nope' }) }),
      'ContainerConfig',
      'nope',
    ],
    [
      'a binary that cannot be executed',
      failed(126, { message: aReport({ failure: 'NotExecutable', message: 'x' }) }),
      'ContainerConfig',
      'x',
    ],
    ['127 of the agent itself', failed(127), 'AgentError', 'exit code 127'],
    [
      'an image without agent-runner',
      failed(128, { reason: 'StartError', message: 'no such file' }),
      'ContainerConfig',
      'does its image host agent-runner? no such file',
    ],
    [
      'a directory of the repository that is not there',
      failed(125, { message: aReport({ failure: 'CheckoutFailed', message: 'git.path' }) }),
      'CheckoutFailed',
      'git.path',
    ],
    [
      'a checkout step that does not understand its spec',
      init(125, { message: aReport({ failure: 'InvalidSpec', message: 'schemaVersion' }) }),
      'RuntimeError',
      'schemaVersion',
    ],
    [
      'a checkout',
      init(1, { message: aReport({ message: 'repository not found' }) }),
      'CheckoutFailed',
      'repository not found',
    ],
    [
      'a step that could not start',
      init(128, { reason: 'StartError' }),
      'ContainerConfig',
      '"checkout" could not start',
    ],
    ['bringing the runner', init(1, {}, CONTAINERS.install), 'RuntimeError', 'install-runner step ended'],
    [
      'a class that the agent may name',
      failed(1, { message: aReport({ failureClass: 'RateLimited' }) }),
      'RateLimited',
      'exit code 1',
    ],
    [
      'a class that it may not name',
      failed(1, { message: aReport({ failureClass: 'Evicted' }) }),
      'AgentError',
      'exit code 1',
    ],
    [
      'a container whose state is unknown',
      failed(137, { reason: 'ContainerStatusUnknown', startedAt: null }),
      'WorkloadLost',
      'no pod tells why',
    ],
    [
      'a pod that somebody deleted',
      beingDeleted(failed(143, { message: aReport({ failure: 'Terminated', message: 'stopped by SIGTERM' }) })),
      'WorkloadLost',
      'the pod was deleted while it ran',
    ],
    ['a pod that somebody deleted without grace', beingDeleted(failed(137)), 'WorkloadLost', 'the pod was deleted'],
    [
      'a pod that somebody deleted during the checkout',
      beingDeleted(init(143, { message: aReport({ failure: 'Terminated' }) })),
      'WorkloadLost',
      'the pod was deleted',
    ],
    [
      'an agent that failed before its pod was deleted',
      beingDeleted(failed(3, { message: aReport({ exitCode: 3, message: 'the agent exited with 3' }) })),
      'AgentError',
      'the agent exited with 3',
    ],
    ['no pod', undefined, 'WorkloadLost', 'no pod tells why'],
  ])('%s', (_name, pod, failureClass, message) => {
    const observation = observeJob(aJob(judged('Failed', 'BackoffLimitExceeded')), pod ? [pod] : []);
    expect(observation).toMatchObject({ state: 'failed', failureClass });
    expect('message' in observation && observation.message).toContain(message);
  });
});

describe('how far a start came', () => {
  const at = '2026-01-01T00:00:30Z';
  const scheduled = { type: 'PodScheduled', status: 'True', lastTransitionTime: at };
  const sandbox = { type: 'PodReadyToStartContainers', status: 'True', lastTransitionTime: '2026-01-01T00:00:40Z' };
  const checkout = { name: 'checkout', state: { running: { startedAt: at } } };

  it.each<[what: string, pods: Pod[], expected: object]>([
    ['no pod', [], { progress: 'noPod', since: '2026-01-01T00:00:00Z' }],
    ['a pod', [aPod('Pending')], { progress: 'unscheduled', since: '2026-01-01T00:00:00Z' }],
    ['a node', [aPod('Pending', { conditions: [scheduled] })], { progress: 'scheduled', since: at }],
    [
      'volumes and a sandbox',
      [aPod('Pending', { conditions: [scheduled, sandbox] })],
      { progress: 'images', since: at },
    ],
    [
      'the checkout',
      [aPod('Pending', { conditions: [scheduled, sandbox], initContainerStatuses: [checkout] })],
      { progress: 'checkout', since: at },
    ],
  ])('%s', (_what, pods, expected) => {
    expect(observeJob(aJob(), pods)).toMatchObject({ state: 'starting', ...expected });
  });
});

describe('what keeps an attempt from starting', () => {
  const pending = (status: Pod['status']) => aPod('Pending', status);
  const unschedulable = '0/3 nodes are available: 3 Insufficient cpu. no new claims to deallocate, preemption: 0/3 x';

  it.each<[name: string, pod: Pod, expected: object | undefined]>([
    ['nothing yet', pending({}), undefined],
    ['a container that is being made', pending({ containerStatuses: [held('ContainerCreating')] }), undefined],
    [
      'no node',
      pending({
        conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: unschedulable }],
      }),
      { reason: 'Unschedulable', message: 'no node fits: Insufficient cpu' },
    ],
    [
      'a missing Secret',
      pending({ containerStatuses: [held('CreateContainerConfigError', 'secret "x" not found')] }),
      { reason: 'ContainerConfig', message: 'container "agent": secret "x" not found' },
    ],
    [
      'an image of a step',
      pending({ initContainerStatuses: [held('ErrImagePull', 'e', 'checkout')] }),
      { reason: 'ImagePull' },
    ],
  ])('%s', (_name, pod, expected) => {
    const observation = observeJob(aJob(), [pod]);
    expect('waiting' in observation ? observation.waiting : undefined).toEqual(
      expected === undefined ? undefined : expect.objectContaining(expected),
    );
  });

  it('says the same in turns of ErrImagePull and ImagePullBackOff, so that nothing is written for them', () => {
    const observe = (reason: string, message: string) =>
      observeJob(aJob(), [pending({ containerStatuses: [held(reason, message)] })]);
    expect(observe('ErrImagePull', 'not found')).toEqual(observe('ImagePullBackOff', 'Back-off pulling image'));
  });
});
