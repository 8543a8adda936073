import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { CollectionLimit } from './collection-limit.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** Milliseconds until the signal aborts. */
function msUntil(limit: AbortSignal): number {
  const start = performance.now();
  while (!limit.aborted) jest.advanceTimersByTime(500);
  return performance.now() - start;
}

describe('the time for artifacts', () => {
  it.each([
    ['read' as const, 120],
    ['stored' as const, 600],
  ])('is bounded when nothing stops the runner: what is not %s within %i s is given up', (what, seconds) => {
    const limit = new CollectionLimit(new AbortController().signal, 25).begin(what);
    expect(msUntil(limit)).toBe(seconds * 1000);
    expect(limit.reason).toMatchObject({ message: `was not ${what} within ${seconds} s`, signal: undefined });
  });

  it.each([
    ['what the agent has left of its grace', 25, 4_000, 21_000],
    ['a second when the agent has used all of it', 25, 27_000, 1_000],
    ['a second when there is no grace', 0, 0, 1_000],
  ])('is %s when the signal came before the agent ended', (_, grace, usedMs, leftMs) => {
    const termination = new AbortController();
    const limit = new CollectionLimit(termination.signal, grace);
    termination.abort('SIGTERM');
    jest.advanceTimersByTime(usedMs);
    const signal = limit.begin('read');
    expect(msUntil(signal)).toBe(leftMs);
    expect(signal.reason).toMatchObject({ message: 'was not read: SIGTERM stopped the runner', signal: 'SIGTERM' });
  });

  it('is the grace when the signal comes while artifacts are read', () => {
    const termination = new AbortController();
    const limit = new CollectionLimit(termination.signal, 25).begin('stored');
    termination.abort('SIGINT');
    expect(msUntil(limit)).toBe(25_000);
    expect(limit.reason).toMatchObject({ message: 'was not stored: SIGINT stopped the runner', signal: 'SIGINT' });
  });
});
