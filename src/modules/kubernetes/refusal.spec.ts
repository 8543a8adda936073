import { describe, expect, it } from '@jest/globals';
import { ApiError } from './api-error.js';
import { refusalOf } from './refusal.js';

const error = (
  code: number,
  reason: string,
  detail = '',
  init: { causes?: { reason: string }[]; about?: string } = {},
) => new ApiError({ method: 'POST', target: 'jobs team-a', code, reason, detail, ...init });

const denied = 'admission webhook "policy.example" denied the request: no runs on Friday';

describe('a failed creation', () => {
  it.each([
    ['a right not granted', error(403, 'Forbidden', 'User "jangar" cannot create resource "jobs"'), 'Forbidden'],
    ['a webhook that denies with a code of its own', error(403, 'Forbidden', denied), 'Forbidden'],
    ['a webhook that denies without a code', error(400, 'Unknown', denied), 'Forbidden'],
    ['a webhook that denies with 404', error(404, 'NotFound', denied), 'Forbidden'],
    ['an API that is not served', error(404, 'NotFound', 'could not find the requested resource'), 'Forbidden'],
    ['an object that is too large', error(413, 'RequestEntityTooLarge', 'limit is 3145728'), 'Forbidden'],
    ['a ResourceQuota', error(403, 'Forbidden', 'jobs "x" is forbidden: exceeded quota: q'), 'QuotaExceeded'],
  ])('because of %s is a refusal that may end', (_name, cause, reason) => {
    expect(refusalOf(cause)).toMatchObject({ kind: 'refused', reason });
  });

  it('because of an invalid object is final', () => {
    const cause = error(422, 'Invalid', 'spec.template: Required value');
    expect(refusalOf(cause)).toEqual({ kind: 'rejected', message: cause.message });
  });

  it.each([
    ['a namespace on its way out', error(403, 'Forbidden', '', { causes: [{ reason: 'NamespaceTerminating' }] })],
    ['a namespace that is gone', error(404, 'NotFound', 'namespaces "team-a" not found', { about: 'namespaces' })],
    ['credentials that ran out', error(401, 'Unauthorized')],
    ['a server that waited too long', error(408, 'Timeout')],
    ['a conflict', error(409, 'Conflict')],
    ['an overloaded server', error(429, 'TooManyRequests')],
    ['a server error', error(500, 'InternalError')],
    ['no answer', error(0, 'NetworkError')],
    ['a bug', new TypeError('x')],
  ])('because of %s is no answer to the run', (_name, cause) => {
    expect(() => refusalOf(cause)).toThrow(cause);
  });
});

describe('the message of a refusal', () => {
  const messageOf = (cause: ApiError) => refusalOf(cause).message;

  it('names the right to grant only where a right is missing', () => {
    expect(
      messageOf(error(403, 'Forbidden', 'User "jangar" cannot create resource "jobs" in API group "batch"')),
    ).toMatch(/cannot create resource "jobs".*; grant the control plane that right$/);
    expect(messageOf(error(400, 'Unknown', denied))).toBe(
      `POST jobs team-a: 400 Unknown: ${denied}; it is tried again until the cluster takes it`,
    );
  });

  it('names a quota and what is used up, without a number that changes', () => {
    const words = (used: number) =>
      `jobs.batch "x" is forbidden: exceeded quota: q, requested: count/jobs.batch=1,requests.cpu=500m, used: count/jobs.batch=${used},requests.cpu=2, limited: count/jobs.batch=5,requests.cpu=2`;
    expect(messageOf(error(403, 'Forbidden', words(5)))).toBe(
      'ResourceQuota "q" is used up for count/jobs.batch, requests.cpu; raise it or make room, the run then goes on',
    );
    expect(messageOf(error(403, 'Forbidden', words(6)))).toBe(messageOf(error(403, 'Forbidden', words(5))));
    expect(messageOf(error(403, 'Forbidden', 'exceeded quota: q'))).toContain('ResourceQuota "q" is used up; raise it');
  });
});
