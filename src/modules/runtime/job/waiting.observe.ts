import { boundText } from '../../../api/meta/text.js';
import type { Waiting } from '../observation.types.js';
import type { ContainerStatus, Pod } from './job.types.js';

const IMAGE_REASONS = [
  'ErrImagePull',
  'ImagePullBackOff',
  'ErrImageNeverPull',
  'InvalidImageName',
  'ImageInspectError',
];
const CREATE_REASONS = ['CreateContainerError', 'RunContainerError'];

/**
 * Why a pod has not started, or undefined when it is on its way. Never a verdict: image pulls fail and heal.
 * Messages do not repeat what alternates or counts (`ErrImagePull` and `ImagePullBackOff` take turns, the scheduler counts
 * nodes): each change would be a write.
 */
export function waitingOf(pod: Pod | undefined): Waiting | undefined {
  if (!pod) return undefined;
  const scheduled = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status === 'False' && scheduled.reason === 'Unschedulable') {
    return { reason: 'Unschedulable', message: boundText(`no node fits: ${withoutCounts(scheduled.message ?? '')}`) };
  }
  const containers = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  return containers.map(waitingContainer).find((waiting) => waiting !== undefined);
}

function waitingContainer({ name, image, state }: ContainerStatus): Waiting | undefined {
  const reason = state?.waiting?.reason ?? '';
  if (IMAGE_REASONS.includes(reason)) {
    const message = `image "${image ?? ''}" of container "${name}" cannot be pulled; check its name and tag, and the Agent's spec.pod.imagePullSecrets`;
    return { reason: 'ImagePull', message: boundText(message) };
  }
  // Names the Secret or ConfigMap and the key, and stays the same from try to try.
  if (reason === 'CreateContainerConfigError') {
    const message = `container "${name}": ${state?.waiting?.message ?? reason}`;
    return { reason: 'ContainerConfig', message: boundText(message) };
  }
  // The container runtime's own words hold ids that differ at each try.
  if (CREATE_REASONS.includes(reason)) {
    return { reason: 'ContainerConfig', message: `container "${name}" cannot be made; the pod's events say why` };
  }
  return undefined;
}

function withoutCounts(message: string): string {
  return message
    .replace(/^\d+\/\d+ nodes are available: /, '')
    .replace(/[,.] (?:no new claims|preemption).*$/s, '')
    .replace(/\b\d+ (?=\S)/g, '');
}
