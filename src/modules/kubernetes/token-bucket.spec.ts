import { FakeClock } from '../../../test/support/fake-clock.js';
import { TokenBucket } from './token-bucket.js';

describe('TokenBucket', () => {
  it('lets a burst pass and spaces what follows', () => {
    const bucket = new TokenBucket(new FakeClock(), 2, 10);
    expect([1, 2, 3, 4].map(() => bucket.take())).toEqual([0, 0, 100, 200]);
  });

  it('fills up again, but not beyond the burst', async () => {
    const clock = new FakeClock();
    const bucket = new TokenBucket(clock, 2, 10);
    bucket.take();
    await clock.advance(60_000);
    expect([1, 2, 3].map(() => bucket.take())).toEqual([0, 0, 100]);
  });
});
