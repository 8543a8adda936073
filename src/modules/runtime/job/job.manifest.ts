import { LABELS } from '../../../api/meta/labels.js';
import { childName, labelValue } from '../../../api/meta/names.js';
import type { ExecutionSpec } from '../../../domain/execution-spec.js';
import { COLLECTION_SECONDS, RUNNER_PATHS } from '../../../domain/runner-contract.js';
import type { Workload, WorkloadIdentity } from '../runtime-adapter.js';
import { CONTAINERS, DEADLINE_ANNOTATIONS } from './job.types.js';
import { containerSecurity, environment, podSecurity, STEP_RESOURCES } from './container.manifest.js';
import { storeAnnotations, storeContainer } from './store.manifest.js';
import { agentMounts, checkoutMounts, volumes } from './volumes.manifest.js';

/** Name of the Job of an attempt: the same whoever computes it, so that no crash and no second leader can make another. */
export function jobName({ run, attempt }: WorkloadIdentity): string {
  return childName(run.name, run.uid, String(attempt));
}

/**
 * The Job of one attempt (docs/spec/v1alpha1/agentrun.md, "The pod"). It never retries by itself: a Job that does runs a
 * whole paid agent again, and attempts are the run's to count. No TTL: it goes with the run, after its result was stored.
 */
export function jobManifest(workload: Workload): object {
  const { run, owner, execution } = workload;
  const metadata = {
    labels: { ...execution.job.labels, ...labels(workload) },
    annotations: {
      ...execution.job.annotations,
      [DEADLINE_ANNOTATIONS.start]: String(execution.pod.startDeadlineSeconds),
      [DEADLINE_ANNOTATIONS.end]: String(endDeadlineSeconds(workload)),
    },
  };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: jobName(workload),
      namespace: run.namespace,
      ...metadata,
      annotations: { ...metadata.annotations, ...storeAnnotations(workload) },
      ownerReferences: [owner],
    },
    spec: {
      backoffLimit: 0,
      completions: 1,
      parallelism: 1,
      // Not `Failed`: a pod that is being deleted from outside would leave the Job without a verdict until it is gone,
      // and with backoffLimit 0 nothing is made in its place either way.
      podReplacementPolicy: 'TerminatingOrFailed',
      template: { metadata, spec: podSpec(workload) },
    },
  };
}

/** Past it the runner did not keep its own deadline: stopped by its agent, which shares its user, or not ours. */
function endDeadlineSeconds({ execution }: Workload): number {
  const { timeoutSeconds, pod } = execution;
  return timeoutSeconds + pod.terminationGracePeriodSeconds + storingSeconds(execution) + END_MARGIN_SECONDS;
}

/** An agent may end at its timeout, and what it made is stored after that. */
function storingSeconds({ artifactStore }: ExecutionSpec): number {
  return artifactStore ? COLLECTION_SECONDS.stored : 0;
}

const END_MARGIN_SECONDS = 60;

function labels({ run, attempt, execution }: Workload): Record<string, string> {
  return {
    'app.kubernetes.io/managed-by': 'jangar',
    [LABELS.agentRun]: labelValue(run.name),
    [LABELS.agentRunUid]: run.uid,
    [LABELS.agent]: labelValue(execution.agent.name),
    [LABELS.provider]: labelValue(execution.provider.name),
    [LABELS.attempt]: String(attempt),
  };
}

function podSpec(workload: Workload): object {
  const { execution } = workload;
  const { pod, job } = execution;
  const deadline =
    pod.startDeadlineSeconds + execution.timeoutSeconds + pod.terminationGracePeriodSeconds + storingSeconds(execution);
  return {
    restartPolicy: 'Never',
    // The runner's own deadline is the real one; this net also counts pull and checkout. No start deadline, no net.
    ...(pod.startDeadlineSeconds > 0 && { activeDeadlineSeconds: deadline }),
    terminationGracePeriodSeconds: pod.terminationGracePeriodSeconds,
    // The pause process reaps what the agent leaves behind.
    shareProcessNamespace: true,
    enableServiceLinks: false,
    automountServiceAccountToken: pod.serviceAccountName !== undefined,
    ...(pod.serviceAccountName !== undefined && { serviceAccountName: pod.serviceAccountName }),
    ...(pod.imagePullSecrets.length > 0 && { imagePullSecrets: pod.imagePullSecrets.map((name) => ({ name })) }),
    ...(Object.keys(job.nodeSelector).length > 0 && { nodeSelector: job.nodeSelector }),
    ...(job.tolerations.length > 0 && { tolerations: job.tolerations }),
    ...(job.runtimeClassName !== undefined && { runtimeClassName: job.runtimeClassName }),
    ...(job.priorityClassName !== undefined && { priorityClassName: job.priorityClassName }),
    securityContext: podSecurity(pod),
    initContainers: [...installStep(workload), checkoutStep(workload), ...storeContainer(workload)],
    containers: [agentContainer(workload)],
    volumes: volumes(workload),
  };
}

function installStep({ execution }: Workload): object[] {
  if (execution.runner === 'image') return [];
  return [
    {
      name: CONTAINERS.install,
      image: execution.runnerImage,
      command: [RUNNER_PATHS.binary, 'install', RUNNER_PATHS.injected],
      resources: STEP_RESOURCES,
      securityContext: containerSecurity(true),
      volumeMounts: [{ name: 'runner', mountPath: RUNNER_PATHS.injected }],
    },
  ];
}

function checkoutStep(workload: Workload): object {
  return {
    name: CONTAINERS.checkout,
    image: workload.execution.checkoutImage,
    command: [RUNNER_PATHS.binary, 'checkout'],
    env: environment(workload, []),
    resources: STEP_RESOURCES,
    terminationMessagePolicy: 'File',
    securityContext: containerSecurity(true),
    volumeMounts: checkoutMounts(workload),
  };
}

function agentContainer(workload: Workload): object {
  const { execution } = workload;
  const inject = execution.runner === 'inject';
  return {
    name: CONTAINERS.agent,
    image: execution.image,
    command: inject
      ? [`${RUNNER_PATHS.injected}/node`, `${RUNNER_PATHS.injected}/agent-runner`]
      : [RUNNER_PATHS.binary],
    env: environment(workload, execution.env),
    envFrom: execution.secrets.filter((secret) => secret.allKeysAsEnv).map(({ name }) => ({ secretRef: { name } })),
    resources: execution.resources,
    terminationMessagePolicy: 'File',
    securityContext: containerSecurity(execution.pod.readOnlyRootFilesystem),
    volumeMounts: agentMounts(workload),
  };
}
