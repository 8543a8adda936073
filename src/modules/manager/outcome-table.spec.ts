import { ApiError } from '../kubernetes/api-error.js';
import { done, requeueAfter, retryAfter, terminal } from './outcome.js';
import { judge } from './outcome-table.js';

function apiError(code: number, reason: string, retryAfterMs?: number): ApiError {
  return new ApiError({ method: 'PATCH', target: 'agents ns/a', code, reason, detail: 'because', retryAfterMs });
}

describe('judge', () => {
  it.each([
    { row: 'converged', outcome: done(), result: 'success', queue: { kind: 'forget' } },
    {
      row: 'wait for a time',
      outcome: requeueAfter(30_000),
      result: 'requeue_after',
      queue: { kind: 'forgetAndAddAfter', ms: 30_000, cause: 'timer' },
    },
    {
      row: 'refused for now',
      outcome: retryAfter(60_000),
      result: 'requeue_after',
      queue: { kind: 'forgetAndAddAfter', ms: 60_000, cause: 'retry' },
    },
    { row: 'rejected for good', outcome: terminal(), result: 'terminal', queue: { kind: 'forget' } },
  ])('$row: $result', ({ outcome, result, queue }) => {
    expect(judge({ outcome }, undefined)).toEqual({ result, queue });
  });

  it.each([0, -5, Number.NaN])('never requeues at once, whatever a pass asks for (%p)', (ms) => {
    const queue = { kind: 'forgetAndAddAfter', ms: 100, cause: 'timer' };
    expect(judge({ outcome: requeueAfter(ms) }, undefined).queue).toEqual(queue);
  });

  it('lets a pass that finished before its timeout was noticed count as finished', () => {
    expect(judge({ outcome: done() }, 'timeout').result).toBe('success');
  });

  it.each([
    { row: 'optimistic conflict', error: apiError(409, 'Conflict'), result: 'conflict', atLeastMs: 0, level: 'debug' },
    { row: '500', error: apiError(500, 'InternalError'), result: 'error', atLeastMs: 0, level: 'warn' },
    { row: 'network', error: apiError(0, 'NetworkError'), result: 'error', atLeastMs: 0, level: 'warn' },
    { row: '429', error: apiError(429, 'TooManyRequests', 9000), result: 'error', atLeastMs: 9000, level: 'warn' },
    {
      row: 'a name that is taken',
      error: apiError(409, 'AlreadyExists'),
      result: 'error',
      atLeastMs: 0,
      level: 'warn',
    },
    { row: 'forbidden', error: apiError(403, 'Forbidden'), result: 'error', atLeastMs: 0, level: 'warn' },
    { row: 'bug', error: new TypeError('x is undefined'), result: 'error', atLeastMs: 0, level: 'error' },
    { row: 'thrown text', error: 'oops', result: 'error', atLeastMs: 0, level: 'error' },
  ])('$row: $result, back-off, logged as $level', ({ error, result, atLeastMs, level }) => {
    const verdict = judge({ error }, undefined);
    expect(verdict).toMatchObject({ result, queue: { kind: 'addRateLimited', atLeastMs }, log: { level } });
  });

  it('takes an error after the timeout for the timeout', () => {
    const verdict = judge({ error: apiError(0, 'Aborted') }, 'timeout');
    expect(verdict).toMatchObject({
      result: 'error',
      log: { level: 'warn', message: 'the pass ran into its timeout' },
    });
  });

  it('does not count a pass that the stop aborted as a failure', () => {
    expect(judge({ error: new Error('any') }, 'stopping')).toMatchObject({
      result: 'aborted',
      log: { level: 'debug' },
    });
  });

  it('logs the stack of a bug but none of the other properties of the error', () => {
    const error = Object.assign(new Error('boom'), { headers: { authorization: 'Bearer hunter2' } });
    const log = judge({ error }, undefined).log;
    expect(log?.fields).toEqual({ err: { type: 'Error', message: 'boom', stack: error.stack } });
  });

  it('logs the message of the error funnel without a stack', () => {
    const log = judge({ error: apiError(500, 'InternalError') }, undefined).log;
    expect(log?.fields).toEqual({
      err: { type: 'ApiError', message: 'PATCH agents ns/a: 500 InternalError: because' },
    });
  });
});
