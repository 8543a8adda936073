import type { KubernetesObject } from '../../src/api/meta/object.js';
import { reportOf } from './manifests.js';

/** A Job as far as its pod is made from it. */
export interface JobObject extends KubernetesObject {
  readonly spec: { readonly template: { readonly metadata: object; readonly spec: PodSpec } };
}

interface PodSpec {
  readonly containers: readonly Container[];
  readonly initContainers: readonly Container[];
}

interface Container {
  readonly name: string;
  readonly image: string;
  readonly resources: object;
}

const CONTAINER_ID = `containerd://${'0f1e2d3c'.repeat(8)}`;
const IMAGE_ID = `registry.example/image@sha256:${'4b5a6978'.repeat(8)}`;

/** The pod that the Job controller makes. */
export function podOf({ metadata, spec: { template } }: JobObject, name: string): object {
  const { name: job, uid } = metadata;
  const owner = { apiVersion: 'batch/v1', kind: 'Job', name: job, uid, controller: true, blockOwnerDeletion: true };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...template.metadata, name, ownerReferences: [owner] },
    spec: { ...template.spec, nodeName: 'node-1' },
  };
}

/** Its status while the agent runs, as a kubelet writes it. */
export function runningPod({ spec: { template } }: JobObject, at: string): object {
  const steps = template.spec.initContainers.map((step) =>
    containerStatus(step, { terminated: terminated(at, at) }, false),
  );
  const agent = template.spec.containers.map((container) =>
    containerStatus(container, { running: { startedAt: at } }, true),
  );
  return {
    phase: 'Running',
    conditions: ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) =>
      condition(type, at),
    ),
    ...addresses(at),
    initContainerStatuses: steps,
    containerStatuses: agent,
  };
}

/** Its status after the agent ended with 0. */
export function succeededPod(job: JobObject, run: string, startedAt: string, at: string): object {
  const completed = { reason: 'PodCompleted' };
  const state = { terminated: { ...terminated(startedAt, at), message: reportOf(run) } };
  return {
    ...runningPod(job, startedAt),
    phase: 'Succeeded',
    conditions: [
      { ...condition('PodReadyToStartContainers', at), status: 'False' },
      { ...condition('Initialized', startedAt), ...completed },
      { ...condition('Ready', at), ...completed, status: 'False' },
      { ...condition('ContainersReady', at), ...completed, status: 'False' },
      condition('PodScheduled', startedAt),
    ],
    containerStatuses: job.spec.template.spec.containers.map((container) => containerStatus(container, state, false)),
  };
}

/** The Job's status while its pod runs. */
export function runningJob(at: string): object {
  return { startTime: at, active: 1, ready: 1, terminating: 0, uncountedTerminatedPods: {} };
}

/** The Job's status after its pod succeeded. */
export function completeJob(startedAt: string, at: string): object {
  const reached = {
    reason: 'CompletionsReached',
    message: 'Reached expected number of succeeded pods',
    lastProbeTime: at,
  };
  return {
    startTime: startedAt,
    completionTime: at,
    active: 0,
    succeeded: 1,
    ready: 0,
    terminating: 0,
    uncountedTerminatedPods: {},
    conditions: ['SuccessCriteriaMet', 'Complete'].map((type) => ({ ...condition(type, at), ...reached })),
  };
}

function condition(type: string, at: string): { type: string; status: string; lastTransitionTime: string } {
  return { type, status: 'True', lastTransitionTime: at };
}

function terminated(startedAt: string, finishedAt: string): object {
  return { exitCode: 0, reason: 'Completed', startedAt, finishedAt, containerID: CONTAINER_ID };
}

function containerStatus({ name, image, resources }: Container, state: object, ready: boolean): object {
  return {
    name,
    image,
    imageID: IMAGE_ID,
    containerID: CONTAINER_ID,
    state,
    lastState: {},
    ready,
    started: ready,
    restartCount: 0,
    resources,
  };
}

function addresses(startTime: string): object {
  const [hostIP, podIP] = ['10.0.0.5', '10.244.0.17'];
  return { hostIP, hostIPs: [{ ip: hostIP }], podIP, podIPs: [{ ip: podIP }], startTime, qosClass: 'Burstable' };
}
