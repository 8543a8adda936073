import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { setLongTimer } from './long-timer.js';

const DAY_MS = 86_400_000;

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

it('fires after 60 days, and not before', () => {
  const fn = jest.fn();
  setLongTimer(60 * DAY_MS, fn);
  jest.advanceTimersByTime(60 * DAY_MS - 1);
  expect(fn).not.toHaveBeenCalled();
  jest.advanceTimersByTime(1);
  expect(fn).toHaveBeenCalledTimes(1);
});

it('never fires once it is cancelled, however late that was', () => {
  const fn = jest.fn();
  const cancel = setLongTimer(60 * DAY_MS, fn);
  jest.advanceTimersByTime(30 * DAY_MS);
  cancel();
  jest.advanceTimersByTime(60 * DAY_MS);
  expect(fn).not.toHaveBeenCalled();
});
