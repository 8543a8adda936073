import { backOffMs, type BackOff } from './back-off.js';

const backOff: BackOff = { initialMs: 500, maxMs: 300_000, jitter: 0.2 };
const middle = (): number => 0.5;

describe('backOffMs', () => {
  it.each([
    ['no failure yet waits the initial delay', 0, 500],
    ['the first failure waits the initial delay', 1, 500],
    ['each further failure doubles it', 4, 4_000],
    ['the maximum is never passed', 30, 300_000],
    ['a failure count that overflows stays at the maximum', 5_000, 300_000],
  ])('%s', (_name, failures, expected) => {
    expect(backOffMs(backOff, failures, middle)).toBe(expected);
  });

  it('spreads the delay over the jitter on both sides', () => {
    expect(backOffMs(backOff, 1, () => 0)).toBe(400);
    expect(backOffMs(backOff, 1, () => 1)).toBe(600);
  });
});
