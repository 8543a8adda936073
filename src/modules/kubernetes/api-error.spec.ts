import {
  ApiError,
  isAborted,
  isAlreadyExists,
  isConflict,
  isForbidden,
  isGone,
  isInvalid,
  isNamespaceTerminating,
  isNotFound,
  isQuotaExceeded,
  isTransient,
} from './api-error.js';

const request = { method: 'POST', target: 'jobs team-a/nightly' } as const;

function refused(code: number, reason: string, message = 'text', causes: object[] = []): ApiError {
  return ApiError.fromStatus(request, code, { kind: 'Status', code, reason, message, details: { causes } });
}

const unanswered = (reason: string): ApiError => new ApiError({ ...request, code: 0, reason });

describe('ApiError', () => {
  it('says method, resource, object, code, reason and the explanation of the server', () => {
    expect(refused(409, 'AlreadyExists', 'jobs "nightly" already exists').message).toBe(
      'POST jobs team-a/nightly: 409 AlreadyExists: jobs "nightly" already exists',
    );
  });

  it('bounds the explanation', () => {
    const { message } = refused(422, 'Invalid', 'ü'.repeat(5000));
    expect(new TextEncoder().encode(message).length).toBeLessThan(600);
  });

  it('shows nothing of an answer that is no Status', () => {
    const error = ApiError.fromStatus(request, 502, { error: 'token abc' });
    expect(error.message).toBe('POST jobs team-a/nightly: 502 Unknown');
  });

  it('keeps the causes and the wait that the server gave', () => {
    const error = ApiError.fromStatus(request, 429, {
      kind: 'Status',
      code: 429,
      reason: 'TooManyRequests',
      details: { retryAfterSeconds: 2, causes: [{ field: 'spec.template', message: 'no' }] },
    });
    expect(error.retryAfterMs).toBe(2000);
    expect(error.causes).toEqual([{ field: 'spec.template', message: 'no' }]);
  });

  it('prefers the wait of the header', () => {
    const body = { kind: 'Status', code: 429, reason: 'TooManyRequests', details: { retryAfterSeconds: 2 } };
    expect(ApiError.fromStatus(request, 429, body, 7000).retryAfterMs).toBe(7000);
  });

  it('grants no server more than five minutes', () => {
    const body = { kind: 'Status', code: 429, reason: 'TooManyRequests', details: { retryAfterSeconds: 1e9 } };
    expect(ApiError.fromStatus(request, 429, body).retryAfterMs).toBe(300_000);
  });
});

describe('the questions about an error', () => {
  const questions = {
    isAborted,
    isAlreadyExists,
    isConflict,
    isForbidden,
    isGone,
    isInvalid,
    isNamespaceTerminating,
    isNotFound,
    isQuotaExceeded,
    isTransient,
  };

  it.each<[string, unknown, string[]]>([
    ['a missing object', refused(404, 'NotFound'), ['isNotFound']],
    ['a stale resourceVersion', refused(409, 'Conflict'), ['isConflict']],
    ['a name that is taken', refused(409, 'AlreadyExists'), ['isAlreadyExists']],
    ['a right not granted', refused(403, 'Forbidden'), ['isForbidden']],
    [
      'a quota used up',
      refused(403, 'Forbidden', 'jobs is forbidden: exceeded quota: q'),
      ['isForbidden', 'isQuotaExceeded'],
    ],
    [
      'a namespace being deleted',
      refused(403, 'Forbidden', 'x', [{ reason: 'NamespaceTerminating', message: 'm' }]),
      ['isForbidden', 'isNamespaceTerminating'],
    ],
    [
      'a namespace that is gone',
      ApiError.fromStatus(request, 404, {
        kind: 'Status',
        code: 404,
        reason: 'NotFound',
        details: { kind: 'namespaces' },
      }),
      ['isNamespaceTerminating', 'isNotFound'],
    ],
    ['an object that is not acceptable', refused(422, 'Invalid'), ['isInvalid']],
    ['an expired resourceVersion', refused(410, 'Expired'), ['isGone']],
    ['overload', refused(429, 'TooManyRequests'), ['isTransient']],
    ['a fault of the server', refused(500, 'InternalError'), ['isTransient']],
    ['a broken connection', unanswered('NetworkError'), ['isTransient']],
    ['a deadline', unanswered('Timeout'), ['isTransient']],
    ['the signal of the caller', unanswered('Aborted'), ['isAborted']],
    ['a bad request', refused(400, 'BadRequest'), []],
    ['any other exception', new Error('409 Conflict'), []],
    ['no error at all', undefined, []],
  ])('know %s', (_name, error, expected) => {
    const yes = Object.entries(questions).filter(([, question]) => question(error));
    expect(yes.map(([name]) => name)).toEqual(expected);
  });
});
