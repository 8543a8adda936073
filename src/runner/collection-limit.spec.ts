import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { collectionLimit } from './collection-limit.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

describe('collectionLimit', () => {
  it('is two minutes when nothing stops the runner', () => {
    const limit = collectionLimit(new AbortController().signal);
    jest.advanceTimersByTime(119_999);
    expect(limit.aborted).toBe(false);
    jest.advanceTimersByTime(1);
    expect(limit.reason).toMatchObject({ message: 'was not read within 120 s', signal: undefined });
  });

  it.each(['before', 'while'])('is a second when the signal came %s it was asked for', (when) => {
    const termination = new AbortController();
    if (when === 'before') termination.abort('SIGTERM');
    const limit = collectionLimit(termination.signal);
    if (when === 'while') termination.abort('SIGTERM');
    jest.advanceTimersByTime(999);
    expect(limit.aborted).toBe(false);
    jest.advanceTimersByTime(1);
    expect(limit.reason).toMatchObject({ message: 'was not read: SIGTERM stopped the runner', signal: 'SIGTERM' });
  });
});
