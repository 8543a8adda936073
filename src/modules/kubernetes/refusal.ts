import { ApiError, isForbidden, isInvalid, isNamespaceTerminating, isQuotaExceeded } from './api-error.js';

/**
 * What the API server said to the creation of an object: `refused` may change by itself (quota, a right not granted),
 * `rejected` never does.
 */
export type Refusal =
  { kind: 'refused'; reason: 'QuotaExceeded' | 'Forbidden'; message: string } | { kind: 'rejected'; message: string };

/**
 * Reads a failed creation as the cluster's answer to the run, where it is one.
 * @throws the error itself when it is anything else: transient, or a namespace on its way out
 */
export function refusalOf(error: unknown): Refusal {
  if (!(error instanceof ApiError) || isNamespaceTerminating(error)) throw error;
  const { message } = error;
  if (isQuotaExceeded(error)) {
    return { kind: 'refused', reason: 'QuotaExceeded', message: `${message}; the run goes on when there is room` };
  }
  if (isForbidden(error)) {
    return { kind: 'refused', reason: 'Forbidden', message: `${message}; grant the control plane that right` };
  }
  if (isInvalid(error)) return { kind: 'rejected', message };
  throw error;
}
