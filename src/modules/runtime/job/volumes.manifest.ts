import type { ExecutionSpec, ExecutionVolume, SecretGrant } from '../../../domain/execution-spec.js';
import { FROZEN_KEYS, RUNNER_PATHS } from '../../../domain/runner-contract.js';
import type { Workload } from '../runtime-adapter.js';

/** core/v1 VolumeMount. */
interface Mount {
  name: string;
  mountPath: string;
  subPath?: string;
  readOnly?: boolean;
}

const READABLE_BY_GROUP = 0o440;

/** All volumes of the pod. */
export function volumes({ execution, configMapName }: Workload): object[] {
  const { workspaceVolume, secrets, gitSecret, runner, artifactStore } = execution;
  return [
    { name: 'spec', configMap: { name: configMapName, items: FROZEN_FILES.map((key) => ({ key, path: key })) } },
    workspaceVolume.claimName === undefined
      ? { name: 'workspace', emptyDir: defined({ sizeLimit: workspaceVolume.sizeLimit }) }
      : { name: 'workspace', persistentVolumeClaim: { claimName: workspaceVolume.claimName } },
    { name: 'home', emptyDir: {} },
    { name: 'temp', emptyDir: {} },
    ...(runner === 'inject' ? [{ name: 'runner', emptyDir: {} }] : []),
    ...(artifactStore ? [{ name: 'store', emptyDir: {} }] : []),
    ...(gitSecret === undefined
      ? []
      : [{ name: 'git', secret: { secretName: gitSecret, defaultMode: READABLE_BY_GROUP } }]),
    ...secrets.flatMap(secretVolumes),
    ...execution.volumes.map(userVolume),
  ];
}

/** Mounts of the checkout step: it alone sees the repository's credentials. */
export function checkoutMounts(workload: Workload): Mount[] {
  return [
    ...sharedMounts(workload),
    ...(workload.execution.gitSecret === undefined
      ? []
      : [{ name: 'git', mountPath: RUNNER_PATHS.gitCredentials, readOnly: true }]),
  ];
}

/** Mounts of the agent's container. */
export function agentMounts(workload: Workload): Mount[] {
  const { secrets, volumes: own, runner, artifactStore } = workload.execution;
  return [
    ...sharedMounts(workload),
    ...(runner === 'inject' ? [{ name: 'runner', mountPath: RUNNER_PATHS.injected, readOnly: true }] : []),
    // A socket works through it, and the agent cannot put another in its place.
    ...(artifactStore ? [{ name: 'store', mountPath: RUNNER_PATHS.store, readOnly: true }] : []),
    ...secrets.flatMap(secretMounts),
    ...own.map(({ name, mountPath, readOnly }) => ({ name: userVolumeName(name), mountPath, readOnly })),
  ];
}

/** Mounts of the container that stores artifacts: nothing of the workspace, which it gets through its socket. */
export function storeMounts(): Mount[] {
  return [
    { name: 'spec', mountPath: RUNNER_PATHS.specDirectory, readOnly: true },
    { name: 'store', mountPath: RUNNER_PATHS.store },
  ];
}

const FROZEN_FILES = [FROZEN_KEYS.runnerSpec, FROZEN_KEYS.agentInput, FROZEN_KEYS.passwd];

function sharedMounts({ execution, run, attempt }: Workload): Mount[] {
  const { root } = execution.runnerSpec.workspace;
  return [
    { name: 'spec', mountPath: RUNNER_PATHS.specDirectory, readOnly: true },
    { name: 'spec', mountPath: '/etc/passwd', subPath: FROZEN_KEYS.passwd, readOnly: true },
    // A directory per attempt: no two attempts, nor two runs on one claim, ever share a tree.
    { name: 'workspace', mountPath: root, ...claimSubPath(execution, run.uid, attempt) },
    { name: 'home', mountPath: RUNNER_PATHS.home },
    { name: 'temp', mountPath: RUNNER_PATHS.temp },
  ];
}

function claimSubPath(execution: ExecutionSpec, uid: string, attempt: number): { subPath?: string } {
  return execution.workspaceVolume.claimName === undefined ? {} : { subPath: `${uid}/${attempt}` };
}

function secretVolumes(secret: SecretGrant, index: number): object[] {
  return [
    // Optional: a missing Secret is reported in words by the environment that needs it, not by a mount that hangs.
    ...(secret.allKeysAsEnv ? [{ name: `mask-${index}`, secret: { secretName: secret.name, optional: true } }] : []),
    ...(secret.mountPath === undefined ? [] : [{ name: `secret-${index}`, secret: { secretName: secret.name } }]),
  ];
}

function secretMounts(secret: SecretGrant, index: number): Mount[] {
  return [
    ...(secret.allKeysAsEnv
      ? [{ name: `mask-${index}`, mountPath: `${RUNNER_PATHS.maskedSecrets}/${index}`, readOnly: true }]
      : []),
    ...(secret.mountPath === undefined
      ? []
      : [{ name: `secret-${index}`, mountPath: secret.mountPath, readOnly: true }]),
  ];
}

/** Prefixed: a run's volume named `workspace` or `spec` must not collide with the pod's own. */
function userVolumeName(name: string): string {
  return `run-${name}`;
}

function userVolume(volume: ExecutionVolume): object {
  const name = userVolumeName(volume.name);
  if (volume.claimName !== undefined) {
    return { name, persistentVolumeClaim: { claimName: volume.claimName, readOnly: volume.readOnly } };
  }
  if (volume.secretName !== undefined) return { name, secret: { secretName: volume.secretName } };
  if (volume.configMapName !== undefined) return { name, configMap: { name: volume.configMapName } };
  return { name, emptyDir: defined({ sizeLimit: volume.emptyDir?.sizeLimit, medium: volume.emptyDir?.medium }) };
}

function defined(fields: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
