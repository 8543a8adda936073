import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { aJob, aPod, aReport, ended, held, judged } from '../../../../test/support/builders/job.js';
import { LABELS } from '../../../api/meta/labels.js';
import { observeJob } from './job.observe.js';
import {
  CONTAINERS,
  type ContainerStatus,
  DEADLINE_ANNOTATIONS,
  type Job,
  type Pod,
  STORE_ANNOTATIONS,
} from './job.types.js';
import { trimJob, trimPod } from './trim.observe.js';

const TIME = '2026-01-01T00:02:00Z';
const LARGE = 'x'.repeat(10_000);
const annotations = {
  [DEADLINE_ANNOTATIONS.start]: '600',
  [DEADLINE_ANNOTATIONS.end]: '3690',
  [STORE_ANNOTATIONS.keyPrefix]: 'uid/1/',
  [STORE_ANNOTATIONS.urlPrefix]: 'http://s3/b/uid/1/',
};
const labels = { [LABELS.agentRunUid]: 'run-uid', [LABELS.attempt]: '1' };
const owner = { apiVersion: 'batch/v1', kind: 'Job', name: 'run-1', uid: 'job-uid', controller: true };

/** As the API server has it: with all that nobody reads. */
function whole<T extends Job | Pod>(object: T): T {
  const noise = { 'example.com/notes': LARGE };
  const metadata = {
    ...object.metadata,
    labels: { ...labels, ...noise },
    annotations: { ...annotations, ...noise },
    ownerReferences: [owner],
  };
  return { ...object, metadata, spec: { template: LARGE } };
}

function running(name: string): ContainerStatus {
  return { name, image: 'registry.example/agent:1', state: { running: { startedAt: TIME } } };
}

const condition = fc.record({
  type: fc.constantFrom('PodScheduled', 'PodReadyToStartContainers', 'DisruptionTarget', 'Initialized', 'Ready'),
  status: fc.constantFrom('True', 'False'),
  reason: fc.constantFrom('Unschedulable', 'PreemptionByScheduler'),
  message: fc.constantFrom('0/3 nodes are available: 3 Insufficient cpu.', 'preempted'),
  lastTransitionTime: fc.constantFrom(TIME, null),
});
const container = (name: string) =>
  fc.constantFrom(
    running(name),
    held('ImagePullBackOff', 'Back-off', name),
    held('CreateContainerConfigError', 'secret "token" not found', name),
    held('PodInitializing', '', name),
    ended(0, { message: aReport({ message: 'done', outputs: { branch: 'b' } }) }, name),
    ended(1, { message: 'no report' }, name),
    ended(137, { reason: 'OOMKilled' }, name),
    ended(128, { reason: 'StartError', message: 'exec: not found', startedAt: '1970-01-01T00:00:00Z' }, name),
    ended(137, { reason: 'ContainerStatusUnknown', startedAt: null, finishedAt: null }, name),
  );
const pod = fc
  .record({
    phase: fc.constantFrom('Pending', 'Running', 'Succeeded', 'Failed'),
    status: fc.record(
      {
        reason: fc.constantFrom('Evicted', 'DeadlineExceeded', 'NodeShutdown'),
        message: fc.constant('the node had no room'),
        conditions: fc.array(condition, { maxLength: 4 }),
        initContainerStatuses: fc
          .tuple(container(CONTAINERS.checkout), container(CONTAINERS.store))
          .map(([checkout, store]) => [checkout, store]),
        containerStatuses: fc.array(container(CONTAINERS.agent), { maxLength: 1 }),
      },
      { requiredKeys: [] },
    ),
    deleting: fc.boolean(),
  })
  .map(({ phase, status, deleting }) => {
    const made = whole(aPod(phase, status));
    return deleting ? { ...made, metadata: { ...made.metadata, deletionTimestamp: TIME } } : made;
  });
const jobStatus: readonly Job['status'][] = [
  {},
  { startTime: TIME, active: 1, terminating: 0 },
  { failed: 1, conditions: [{ type: 'FailureTarget', status: 'True', lastTransitionTime: TIME }] },
  { conditions: [{ type: 'Suspended', status: 'True', lastTransitionTime: TIME }] },
  { ...judged('Complete'), startTime: TIME, completionTime: TIME, succeeded: 1 },
  judged('Failed', 'BackoffLimitExceeded'),
];
const job = fc
  .tuple(fc.constantFrom(...jobStatus), fc.boolean())
  .map(([status, deleting]) => whole(aJob(status, deleting)));

describe('what is observed of a trimmed workload', () => {
  it('is what is observed of the whole one', () => {
    fc.assert(
      fc.property(fc.option(job, { nil: undefined }), fc.array(pod, { maxLength: 2 }), (one, pods) => {
        expect(observeJob(one && trimJob(one), pods.map(trimPod))).toEqual(observeJob(one, pods));
      }),
      { numRuns: 500 },
    );
  });
});

describe('in the cache', () => {
  it('a Job has the labels and annotations that are read, its owner, and no pod template', () => {
    const trimmed = trimJob(whole(aJob(judged('Complete'))));
    expect(trimmed.metadata).toMatchObject({ uid: 'job-uid', labels, annotations, ownerReferences: [owner] });
    expect(JSON.stringify(trimmed).length).toBeLessThan(1000);
  });

  it('a pod has how its containers are, without their images, identifiers and resources', () => {
    const noise = { imageID: LARGE, containerID: LARGE, resources: { limits: { cpu: LARGE } }, lastState: {} };
    const containerStatuses = [{ ...running(CONTAINERS.agent), ...noise }];
    const status = { containerStatuses, podIP: LARGE };
    const trimmed = trimPod(whole(aPod('Running', status)));
    expect(trimmed.metadata).toMatchObject({ labels, ownerReferences: [owner] });
    expect(trimmed.status).toEqual({
      phase: 'Running',
      containerStatuses: [{ name: CONTAINERS.agent, state: { running: { startedAt: TIME } } }],
    });
  });

  it('neither has labels or annotations when none of them is read', () => {
    const metadata = { ...aJob().metadata, labels: { a: 'b' }, annotations: { a: 'b' } };
    expect(trimJob({ ...aJob(), metadata }).metadata).toEqual(aJob().metadata);
  });
});
