import { boundText } from '../../api/meta/text.js';
import { boundRetryAfterMs } from './retry-after.js';
import type { Method } from './request-target.js';

/** Reasons this client gives when there is no answer from the API server (`code` is 0). */
export type ClientReason = 'NetworkError' | 'Timeout' | 'Aborted' | 'InvalidResponse' | 'CredentialsUnavailable';

/** One entry of Status.details.causes. */
export interface StatusCause {
  readonly reason?: string;
  readonly field?: string;
  readonly message?: string;
}

/** The parts of metav1.Status that say what went wrong. */
export interface Status {
  readonly kind?: string;
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly details?: {
    readonly kind?: string;
    readonly causes?: readonly StatusCause[];
    readonly retryAfterSeconds?: number;
  };
}

export interface ApiErrorInit {
  readonly method: Method | 'WATCH';
  /** What was asked for, e.g. `jobs team-a/nightly`. */
  readonly target: string;
  /** HTTP status, or 0 when there was no usable answer. */
  readonly code: number;
  readonly reason: string;
  /** The server's own explanation; never a header or a request body. */
  readonly detail?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly causes?: readonly StatusCause[] | undefined;
  /** What the server speaks of (Status.details.kind), which need not be what was asked for: `namespaces`. */
  readonly about?: string | undefined;
}

const MAX_DETAIL_BYTES = 512;

/**
 * The only error that leaves this module. Its message is safe to show: method, resource, name, code, reason and the
 * server's bounded Status message. It never holds what was sent.
 */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: number;
  readonly reason: string;
  readonly retryAfterMs?: number;
  readonly causes: readonly StatusCause[];
  readonly about: string | undefined;

  constructor(init: ApiErrorInit) {
    const detail = init.detail === undefined ? '' : `: ${boundText(init.detail, MAX_DETAIL_BYTES)}`;
    super(`${init.method} ${init.target}: ${init.code} ${init.reason}${detail}`);
    this.code = init.code;
    this.reason = init.reason;
    this.causes = init.causes ?? [];
    this.about = init.about;
    if (init.retryAfterMs !== undefined) this.retryAfterMs = init.retryAfterMs;
  }

  /**
   * From an answer of the API server.
   *
   * @param body its parsed JSON, if it was JSON
   * @param retryAfterMs what a Retry-After header asked for
   */
  static fromStatus(
    request: Pick<ApiErrorInit, 'method' | 'target'>,
    code: number,
    body: unknown,
    retryAfterMs?: number,
  ): ApiError {
    const status = isStatus(body) ? body : {};
    const seconds = status.details?.retryAfterSeconds;
    return new ApiError({
      ...request,
      code: status.code ?? code,
      // A proxy's answer is no Status: its body is markup, and nothing of it is shown.
      reason: status.reason ?? 'Unknown',
      detail: status.message,
      causes: status.details?.causes,
      about: status.details?.kind,
      retryAfterMs: retryAfterMs ?? (seconds === undefined ? undefined : boundRetryAfterMs(seconds * 1000)),
    });
  }
}

function isStatus(body: unknown): body is Status {
  return typeof body === 'object' && body !== null && 'kind' in body && body.kind === 'Status';
}

const has = (error: unknown, code: number, reason?: string): boolean =>
  error instanceof ApiError && error.code === code && (reason === undefined || error.reason === reason);

/** The object, or the namespace it should be in, does not exist. */
export const isNotFound = (error: unknown): boolean => has(error, 404);

/** Someone else wrote first: the resourceVersion or uid that was sent is no longer current. */
export const isConflict = (error: unknown): boolean => has(error, 409, 'Conflict');

/** An object of that name exists; whether it is ours is for the caller to find out. */
export const isAlreadyExists = (error: unknown): boolean => has(error, 409, 'AlreadyExists');

/** Refused: RBAC, admission, a ResourceQuota or a namespace that is being deleted; ask the narrower ones first. */
export const isForbidden = (error: unknown): boolean => has(error, 403);

/** The object itself is not acceptable (422). */
export const isInvalid = (error: unknown): boolean => has(error, 422);

/** The resourceVersion or continue token is older than what the server keeps. */
export const isGone = (error: unknown): boolean => has(error, 410);

/** A ResourceQuota is used up. The quota plugin gives no machine-readable cause: only its fixed wording tells. */
export const isQuotaExceeded = (error: unknown): boolean =>
  error instanceof ApiError && isForbidden(error) && error.message.includes('exceeded quota');

/** Nothing can be created any more: the namespace is being deleted, or is gone. */
export const isNamespaceTerminating = (error: unknown): boolean =>
  error instanceof ApiError &&
  (error.causes.some((cause) => cause.reason === 'NamespaceTerminating') ||
    (isNotFound(error) && error.about === 'namespaces'));

/** The caller's own signal ended the request. */
export const isAborted = (error: unknown): boolean => has(error, 0, 'Aborted');

/** Worth another try with back-off: no answer, overload (429) or the server's own fault (5xx). */
export const isTransient = (error: unknown): boolean =>
  error instanceof ApiError && !isAborted(error) && (error.code === 0 || error.code === 429 || error.code >= 500);
