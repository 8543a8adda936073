import { describe, expect, it } from '@jest/globals';
import { failureClassOf } from './failure-class.js';

describe('the class of what made the CLI give up', () => {
  it.each([
    ['exceeded retry limit, last status: 429 Too Many Requests', 'RateLimited'],
    ['exceeded retry limit, last status: 429 Too Many Requests, request id: 42', 'RateLimited'],
    ['unexpected status 429 Too Many Requests: slow down', 'RateLimited'],
    ['Quota exceeded. Check your plan and billing details.', 'QuotaExhausted'],
    ["You've hit your usage limit. Try again in 3 days.", 'QuotaExhausted'],
    ['unexpected status 401 Unauthorized: Incorrect API key provided', 'AuthFailed'],
    ['unexpected status 403 Forbidden: no access to this model', 'AuthFailed'],
    ['exceeded retry limit, last status: 500 Internal Server Error', undefined],
    ['unexpected status 404 Not Found: unexpected status 401 Unauthorized', undefined],
    ['unexpected status 4010', undefined],
    ['stream disconnected before completion', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%s → %s', (failure, expected) => {
    expect(failureClassOf(failure)).toBe(expected);
  });
});
