import type { FailureClass } from '../../api/v1alpha1/failure-class.js';
import type { Observation } from '../runtime/observation.types.js';

/** How long a cluster that refuses (quota, a right not granted) is left alone before it is asked again. */
export const SLOW_RETRY_MS = 60_000;

type Starting = Extract<Observation, { state: 'starting' }>;

/**
 * Whether a workload had its `startDeadlineSeconds`. A checkout that is under way is not held to it: it is work, and the
 * pod's own deadline bounds it.
 * @returns the verdict when the time is up, else the milliseconds left, if there is a deadline
 */
export function startOverdue(
  observation: Starting,
  now: Date,
): { verdict?: { failureClass: FailureClass; message: string }; inMs?: number } {
  const { startBy, waiting, progress } = observation;
  if (startBy === undefined || progress === 'checkout') return {};
  const inMs = Date.parse(startBy) - now.getTime();
  if (inMs > 0) return { inMs };
  const late = 'not started within the startDeadlineSeconds of the Agent';
  if (waiting) return { verdict: { failureClass: waiting.reason, message: `${late}: ${waiting.message}` } };
  return progress === 'noPod'
    ? {
        verdict: {
          failureClass: 'PodRejected',
          message: `${late}: the cluster admitted no pod; the Job's events say why`,
        },
      }
    : {
        verdict: {
          failureClass: 'ContainerConfig',
          message: `${late}: a container could not be made; the pod's events say why`,
        },
      };
}
