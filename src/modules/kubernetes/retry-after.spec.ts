import { retryAfterMs } from './retry-after.js';

const now = new Date('2026-01-13T09:00:00.000Z');

describe('retryAfterMs', () => {
  it.each([
    ['nothing when there is no header', undefined, undefined],
    ['nothing when it is empty', ' ', undefined],
    ['nothing when it cannot be read', 'soon', undefined],
    ['seconds', '3', 3000],
    ['the first of several', ['2', '9'], 2000],
    ['a date', 'Tue, 13 Jan 2026 09:00:20 GMT', 20_000],
    ['no wait for a date that has passed', 'Tue, 13 Jan 2026 08:00:00 GMT', 0],
    ['five minutes at most', '86400', 300_000],
  ])('gives %s', (_name, header, expected) => {
    expect(retryAfterMs(header, now)).toBe(expected);
  });
});
