import { describe, expect, it } from '@jest/globals';
import { ApiError } from './api-error.js';
import { refusalOf } from './refusal.js';

const error = (code: number, reason: string, detail = '', causes: { reason: string }[] = []) =>
  new ApiError({ method: 'POST', target: 'jobs team-a', code, reason, detail, causes });

describe('a failed creation', () => {
  it.each([
    [
      'a ResourceQuota',
      error(403, 'Forbidden', 'jobs "x" is forbidden: exceeded quota: q'),
      'refused',
      'QuotaExceeded',
    ],
    ['a right not granted', error(403, 'Forbidden', 'cannot create resource "jobs"'), 'refused', 'Forbidden'],
    ['an invalid object', error(422, 'Invalid', 'spec.template: Required value'), 'rejected', undefined],
  ])('because of %s is an answer to the run', (_name, cause, kind, reason) => {
    expect(refusalOf(cause)).toMatchObject({ kind, ...(reason && { reason }) });
  });

  it.each([
    ['a namespace on its way out', error(403, 'Forbidden', '', [{ reason: 'NamespaceTerminating' }])],
    ['an overloaded server', error(429, 'TooManyRequests')],
    ['a server error', error(500, 'InternalError')],
    ['a conflict', error(409, 'Conflict')],
    ['a bug', new TypeError('x')],
  ])('because of %s is not', (_name, cause) => {
    expect(() => refusalOf(cause)).toThrow(cause);
  });
});
