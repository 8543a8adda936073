import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { aJob, aPod, aReport, beingDeleted, ended, judged } from '../../../../test/support/builders/job.js';
import { trimJob, trimPod } from './trim.observe.js';
import { observeJob } from './job.observe.js';
import { CONTAINERS, type Job, type Pod } from './job.types.js';

const DIRECTORY = fileURLToPath(new URL('../../../../test/recorded/', import.meta.url));

/** A Job and its pod as a real API server had them at one moment (test/recorded/README.md). */
interface Recorded {
  readonly job: Job;
  readonly pod: Pod;
}

const recorded = (name: string): Recorded => JSON.parse(readFileSync(`${DIRECTORY}${name}.json`, 'utf8')) as Recorded;

/** By file of test/recorded: what becomes of it. */
const ROWS: [file: string, expected: object][] = [
  [
    'preempted',
    {
      state: 'stopping',
      disrupted: {
        failureClass: 'Evicted',
        message: expect.stringContaining('preempting to accommodate a higher priority pod'),
      },
    },
  ],
  ['evicted-by-api', { state: 'stopping', disrupted: { failureClass: 'Evicted', message: 'Eviction API: evicting' } }],
  [
    'evicted-by-kubelet',
    {
      state: 'failed',
      failureClass: 'Evicted',
      message: expect.stringContaining('ephemeral local storage usage exceeds'),
    },
  ],
  [
    'node-silent',
    {
      state: 'stopping',
      graceEnds: '2026-11-24T00:21:31Z',
      disrupted: { failureClass: 'WorkloadLost', message: 'Taint manager: deleting due to NoExecute taint' },
    },
  ],
  // Its container is `running` for ever: nobody is left to say otherwise.
  ['node-lost', { state: 'failed', failureClass: 'WorkloadLost' }],
  [
    'node-refused',
    {
      state: 'failed',
      failureClass: 'WorkloadLost',
      message: expect.stringMatching(/^the pod's node ended it: OutOfcpu: /),
    },
  ],
  ['out-of-memory', { state: 'failed', failureClass: 'OutOfMemory', exitCode: 137 }],
];

describe('what a real cluster showed', () => {
  it.each(ROWS)('is told as it was: %s', (file, expected) => {
    const { job, pod } = recorded(file);
    expect(observeJob(job, [pod])).toMatchObject(expected);
  });

  it.each(ROWS)('is told from what the cache keeps of it: %s', (file) => {
    const { job, pod } = recorded(file);
    expect(observeJob(trimJob(job), [trimPod(pod)])).toEqual(observeJob(job, [pod]));
  });

  it('has a row for each recording', () => {
    const files = readdirSync(DIRECTORY).filter((file) => file.endsWith('.json'));
    expect(files.map((file) => file.replace('.json', ''))).toEqual(ROWS.map(([file]) => file).toSorted());
  });
});

describe('the class of a failed attempt', () => {
  const failed = (exitCode: number, more = {}) => aPod('Failed', { containerStatuses: [ended(exitCode, more)] });
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
