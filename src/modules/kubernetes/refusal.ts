import { ApiError, isInvalid, isNamespaceTerminating, isQuotaExceeded } from './api-error.js';

/**
 * What the API server said to the creation of an object: `refused` may change by itself (quota, a right not granted, an
 * admission policy), `rejected` never does.
 */
export type Refusal =
  { kind: 'refused'; reason: 'QuotaExceeded' | 'Forbidden'; message: string } | { kind: 'rejected'; message: string };

/** Not about the object: who asks, when, a name that is taken, how often. */
const NO_ANSWER: readonly number[] = [401, 408, 409, 429];

/**
 * Reads a failed creation as the cluster's answer to the run, where it is one.
 * @throws the error itself when it is anything else: transient, or a namespace on its way out
 */
export function refusalOf(error: unknown): Refusal {
  if (!(error instanceof ApiError) || isNamespaceTerminating(error)) throw error;
  const { code, message } = error;
  if (code < 400 || code >= 500 || NO_ANSWER.includes(code)) throw error;
  if (isInvalid(error)) return { kind: 'rejected', message };
  if (isQuotaExceeded(error)) return { kind: 'refused', reason: 'QuotaExceeded', message: quotaMessage(message) };
  // Any other code is as good as 403: a denying webhook chooses its own, and one that chooses none answers 400.
  return { kind: 'refused', reason: 'Forbidden', message: `${message}; ${remedy(message)}` };
}

/** The server's own words hold what is used right now: a number that changes in a status wakes the run that it is in. */
function quotaMessage(words: string): string {
  const [, name, requested = ''] = /exceeded quota: ([^\s,]+)(?:, requested: (\S+), used: )?/.exec(words) ?? [];
  const resources = requested.split(',').map((each) => each.replace(/=.*$/, ''));
  const what = requested === '' ? '' : ` for ${resources.join(', ')}`;
  return `ResourceQuota "${name ?? ''}" is used up${what}; raise it or make room, the run then goes on`;
}

/** Only RBAC says that a user "cannot create"; policies and webhooks deny what the user may. */
function remedy(words: string): string {
  return / cannot create resource /.test(words)
    ? 'grant the control plane that right'
    : 'it is tried again until the cluster takes it';
}
