import { type ArtifactStore, keyPrefixOf, objectUrl } from '../../../domain/artifact-store.js';
import type { PodSettings } from '../../../domain/execution-spec.js';
import { RUNNER_ENV, RUNNER_PATHS, STORE_ENV } from '../../../domain/runner-contract.js';
import type { Workload } from '../runtime-adapter.js';
import { containerSecurity, STEP_RESOURCES } from './container.manifest.js';
import { CONTAINERS, STORE_ANNOTATIONS } from './job.types.js';
import { storeMounts } from './volumes.manifest.js';

/** Any user but the agent's: in one process namespace, a user reads the environment of all its processes. */
const STORE_USER = 65531;

/**
 * The container that has the store's credentials and hands artifacts on, as a sidecar: it starts after the checkout, runs
 * beside the agent and is stopped by the kubelet once the agent's container has ended.
 */
export function storeContainer(workload: Workload): object[] {
  const { artifactStore: store, runnerImage, pod } = workload.execution;
  if (!store) return [];
  const { endpoint, region, bucket, forcePathStyle, secretName } = store;
  const keyPrefix = prefixOf(store, workload);
  const settings = { socket: RUNNER_PATHS.storeSocket, endpoint, region, bucket, forcePathStyle, keyPrefix };
  return [
    {
      name: CONTAINERS.store,
      image: runnerImage,
      command: [RUNNER_PATHS.binary, 'store'],
      restartPolicy: 'Always',
      env: [
        { name: RUNNER_ENV.runnerSpec, value: RUNNER_PATHS.runnerSpec },
        { name: STORE_ENV.settings, value: JSON.stringify(settings) },
        fromSecret(STORE_ENV.accessKeyId, secretName, 'accessKeyId'),
        fromSecret(STORE_ENV.secretAccessKey, secretName, 'secretAccessKey'),
      ],
      resources: STEP_RESOURCES,
      terminationMessagePolicy: 'File',
      securityContext: { ...containerSecurity(true), ...user(pod) },
      volumeMounts: storeMounts(),
    },
  ];
}

/** What the control plane needs later to say where an artifact is. */
export function storeAnnotations(workload: Workload): Record<string, string> {
  const { artifactStore: store } = workload.execution;
  if (!store) return {};
  const keyPrefix = prefixOf(store, workload);
  return { [STORE_ANNOTATIONS.keyPrefix]: keyPrefix, [STORE_ANNOTATIONS.urlPrefix]: objectUrl(store, keyPrefix) };
}

function prefixOf(store: ArtifactStore, { run, attempt, execution }: Workload): string {
  return keyPrefixOf(store, {
    'run.namespace': run.namespace,
    'run.name': run.name,
    'run.uid': run.uid,
    'agent.name': execution.agent.name,
    'provider.name': execution.provider.name,
    attempt: String(attempt),
  });
}

function user({ runAsUser }: PodSettings): object {
  const own = runAsUser === STORE_USER ? STORE_USER - 1 : STORE_USER;
  return { runAsUser: own, runAsGroup: own };
}

function fromSecret(name: string, secret: string, key: string): object {
  return { name, valueFrom: { secretKeyRef: { name: secret, key } } };
}
