import type { PodSettings, ReferencedEnv } from '../../../domain/execution-spec.js';
import { RUNNER_ENV, RUNNER_PATHS } from '../../../domain/runner-contract.js';
import type { WorkloadIdentity } from '../runtime-adapter.js';

/** A ResourceQuota that counts requests and limits of CPU and memory admits no container without them. */
export const STEP_RESOURCES = {
  requests: { cpu: '50m', memory: '64Mi' },
  limits: { cpu: '1', memory: '1Gi' },
};

/** securityContext of the pod: what the `restricted` Pod Security level asks for, under the Agent's uid. */
export function podSecurity(pod: PodSettings): object {
  return {
    runAsNonRoot: true,
    runAsUser: pod.runAsUser,
    runAsGroup: pod.runAsUser,
    fsGroup: pod.fsGroup,
    fsGroupChangePolicy: 'OnRootMismatch',
    seccompProfile: { type: 'RuntimeDefault' },
  };
}

/** securityContext of one container. */
export function containerSecurity(readOnlyRootFilesystem: boolean): object {
  return {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem,
    capabilities: { drop: ['ALL'] },
  };
}

/**
 * Environment of a container: the runner's contract first, then values by reference. Plain values of Agent and provider
 * are not here but in the runner's spec file: Kubernetes would expand `$(NAME)` in them.
 */
export function environment(identity: WorkloadIdentity, referenced: readonly ReferencedEnv[]): object[] {
  const plain: Record<string, string> = {
    [RUNNER_ENV.runnerSpec]: RUNNER_PATHS.runnerSpec,
    [RUNNER_ENV.agentInput]: RUNNER_PATHS.agentInput,
    [RUNNER_ENV.attempt]: String(identity.attempt),
    [RUNNER_ENV.runName]: identity.run.name,
    [RUNNER_ENV.runNamespace]: identity.run.namespace,
    [RUNNER_ENV.runUid]: identity.run.uid,
    HOME: RUNNER_PATHS.home,
    TMPDIR: RUNNER_PATHS.temp,
  };
  const names = new Set(referenced.map(({ name }) => name));
  return [
    // A name twice is an error to server-side apply; the value by reference is the one that somebody asked for.
    ...Object.entries(plain).flatMap(([name, value]) => (names.has(name) ? [] : [{ name, value }])),
    ...referenced.map((variable) => ({ name: variable.name, valueFrom: valueFrom(variable) })),
  ];
}

function valueFrom(variable: ReferencedEnv): object {
  return 'secret' in variable ? { secretKeyRef: variable.secret } : { configMapKeyRef: variable.configMap };
}
