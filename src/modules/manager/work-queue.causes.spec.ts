import { jest } from '@jest/globals';
import { FakeClock } from '../../../test/support/fake-clock.js';
import { WorkQueue } from './work-queue.js';

const BACK_OFF = { initialMs: 500, maxMs: 300_000, jitter: 0.2 };
const NO_JITTER = 0.5;

function setUp() {
  const clock = new FakeClock();
  const observer = { added: jest.fn(), retried: jest.fn(), taken: jest.fn() };
  const mayResync = jest.fn<(key: string) => boolean>(() => true);
  return {
    clock,
    observer,
    mayResync,
    queue: new WorkQueue({ clock, random: () => NO_JITTER, backOff: BACK_OFF, observer, mayResync }),
  };
}

describe('WorkQueue, asked why a key is with a worker', () => {
  it.each([
    { cause: 'event', wake: (queue: WorkQueue) => queue.add('ns/a') },
    { cause: 'timer', wake: (queue: WorkQueue) => queue.addAfter('ns/a', 100) },
    { cause: 'retry', wake: (queue: WorkQueue) => queue.addAfter('ns/a', 100, 'retry') },
    { cause: 'retry', wake: (queue: WorkQueue) => queue.addRateLimited('ns/a') },
    { cause: 'resync', wake: (queue: WorkQueue) => queue.resyncAfter('ns/a', 100) },
  ])('says why a worker has a key: $cause', async ({ cause, wake }) => {
    const { queue, clock } = setUp();
    wake(queue);
    await clock.advance(500);
    await queue.take();
    expect(queue.causeOf('ns/a')).toBe(cause);
  });

  it.each([
    { order: 'before', adds: ['event', 'resync'] as const },
    { order: 'after', adds: ['resync', 'event'] as const },
  ])('lets an event beat the resync, also one that came $order it', async ({ adds }) => {
    const { queue, observer } = setUp();
    for (const cause of adds) queue.add('ns/a', cause);
    await queue.take();
    expect(queue.causeOf('ns/a')).toBe('event');
    expect(observer.added).toHaveBeenCalledTimes(1);
  });

  it('lets an event that comes while the resync has the key beat it, for this pass and the next', async () => {
    const { queue } = setUp();
    queue.add('ns/a', 'resync');
    await queue.take();
    queue.add('ns/a', 'resync');
    expect(queue.causeOf('ns/a')).toBe('resync');
    queue.add('ns/a');
    expect(queue.causeOf('ns/a')).toBe('event');
    queue.done('ns/a');
    await queue.take();
    expect(queue.causeOf('ns/a')).toBe('event');
  });

  it('leaves a resync out while the caches are behind, and keeps the timer that waits', async () => {
    const { queue, clock, mayResync } = setUp();
    mayResync.mockReturnValueOnce(false);
    queue.addAfter('ns/a', 5000);
    queue.resyncAfter('ns/a', 1000);
    await clock.advance(1000);
    expect(queue.depth).toBe(0);
    expect(clock.pending()).toEqual([4000]);
    expect(mayResync).toHaveBeenCalledWith('ns/a');
    queue.resyncAfter('ns/a', 1000);
    await clock.advance(1000);
    expect(queue.depth).toBe(1);
  });

  it.each([
    { lateMs: 999, depth: 1 },
    { lateMs: 1000, depth: 0 },
  ])(
    'has $depth keys waiting after a resync that came $lateMs ms late: the process stood still',
    ({ lateMs, depth }) => {
      let nowMs = 0;
      const timers: (() => void)[] = [];
      const clock = {
        now: () => new Date(nowMs),
        monotonicMs: () => nowMs,
        setTimer: (_ms: number, fn: () => void) => {
          timers.push(fn);
          return () => undefined;
        },
      };
      const observer = { added: jest.fn(), retried: jest.fn(), taken: jest.fn() };
      const queue = new WorkQueue({ clock, random: () => NO_JITTER, backOff: BACK_OFF, observer });
      queue.resyncAfter('ns/a', 2000);
      nowMs = 2000 + lateMs;
      for (const fire of timers) fire();
      expect(queue.depth).toBe(depth);
    },
  );

  it('keeps the resync and a timer apart: neither replaces the other', async () => {
    const { queue, clock } = setUp();
    queue.addAfter('ns/a', 5000);
    queue.resyncAfter('ns/a', 1000);
    expect(clock.pending()).toEqual([1000, 5000]);
    await clock.advance(5000);
    await queue.take();
    expect(queue.causeOf('ns/a')).toBe('timer');
  });

  it('takes a resync during which a timer would have come due for the timer, from when its pass had begun', async () => {
    const { queue, clock } = setUp();
    queue.add('ns/a');
    await queue.take();
    await clock.advance(2000);
    queue.addAfter('ns/a', 10_000);
    queue.done('ns/a');
    queue.add('ns/a', 'resync');
    await queue.take();
    // The pass began at 0 and asked for 10 s: from then on, less the second that clocks may differ by.
    await clock.advance(6999);
    expect(queue.causeOf('ns/a')).toBe('resync');
    await clock.advance(1);
    expect(queue.causeOf('ns/a')).toBe('timer');
  });

  it('takes a resync that came before a retry for the retry, which the failure had asked for', async () => {
    const { queue } = setUp();
    queue.addRateLimited('ns/a', 60_000);
    queue.add('ns/a', 'resync');
    await queue.take();
    expect(queue.causeOf('ns/a')).toBe('retry');
  });

  it('knows the cause only of keys that a worker has', () => {
    const { queue } = setUp();
    queue.add('ns/a');
    expect(() => queue.causeOf('ns/a')).toThrow('no worker has the key ns/a');
  });
});
