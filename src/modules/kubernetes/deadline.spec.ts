import { FakeClock } from '../../../test/support/fake-clock.js';
import { Deadline } from './deadline.js';

describe('Deadline', () => {
  it('aborts when the time is over and says so', async () => {
    const clock = new FakeClock();
    const deadline = new Deadline(clock, 1000, undefined);
    await clock.advance(999);
    expect(deadline.signal.aborted).toBe(false);
    await clock.advance(1);
    expect([deadline.signal.aborted, deadline.expired]).toEqual([true, true]);
  });

  it('aborts with the signal of the caller and does not call it expired', () => {
    const parent = new AbortController();
    const deadline = new Deadline(new FakeClock(), 1000, parent.signal);
    parent.abort();
    expect([deadline.signal.aborted, deadline.expired]).toEqual([true, false]);
  });

  it('is aborted from the start when the signal was', () => {
    expect(new Deadline(new FakeClock(), 1000, AbortSignal.abort()).signal.aborted).toBe(true);
  });

  it('starts the time anew when extended', async () => {
    const clock = new FakeClock();
    const deadline = new Deadline(clock, 1000, undefined);
    await clock.advance(900);
    deadline.extend(1000);
    await clock.advance(900);
    expect(deadline.signal.aborted).toBe(false);
  });

  it('leaves neither a timer nor a listener behind', () => {
    const clock = new FakeClock();
    const parent = new AbortController();
    const deadline = new Deadline(clock, 1000, parent.signal);
    deadline.dispose();
    parent.abort();
    expect(deadline.signal.aborted).toBe(false);
    expect(clock.pending()).toEqual([]);
  });
});
