import { jest } from '@jest/globals';
import { FakeClock } from '../../../test/support/fake-clock.js';
import { WorkQueue } from './work-queue.js';

const BACK_OFF = { initialMs: 500, maxMs: 300_000, jitter: 0.2 };
const NO_JITTER = 0.5;

function setUp(random: () => number = () => NO_JITTER) {
  const clock = new FakeClock();
  const observer = { added: jest.fn(), retried: jest.fn(), taken: jest.fn() };
  return { clock, observer, queue: new WorkQueue({ clock, random, backOff: BACK_OFF, observer }) };
}

/** Takes a key and reports it, without waiting for one that is not there. */
function taker(queue: WorkQueue): { keys: (string | undefined)[]; take: () => void } {
  const keys: (string | undefined)[] = [];
  return { keys, take: () => void queue.take().then((key) => keys.push(key)) };
}

describe('WorkQueue', () => {
  it('hands out keys in the order in which they came', async () => {
    const { queue } = setUp();
    for (const key of ['ns/a', 'ns/b', 'ns/c']) queue.add(key);
    expect([await queue.take(), await queue.take(), await queue.take()]).toEqual(['ns/a', 'ns/b', 'ns/c']);
  });

  it('holds a key once, however often it is added', async () => {
    const { queue, observer } = setUp();
    for (let i = 0; i < 5; i += 1) queue.add('ns/a');
    expect(queue.depth).toBe(1);
    expect(observer.added).toHaveBeenCalledTimes(1);
    await queue.take();
    expect(queue.depth).toBe(0);
  });

  it('gives a key to a worker that waits for one', async () => {
    const { queue } = setUp();
    const taken = queue.take();
    queue.add('ns/a');
    await expect(taken).resolves.toBe('ns/a');
  });

  it('never gives a key to two workers, and runs it once more when it was added meanwhile', async () => {
    const { queue, clock } = setUp();
    const worker = taker(queue);
    queue.add('ns/a');
    await queue.take();
    worker.take();
    queue.add('ns/a');
    queue.add('ns/a');
    await clock.advance(0);
    expect(worker.keys).toEqual([]);
    queue.done('ns/a');
    await clock.advance(0);
    expect(worker.keys).toEqual(['ns/a']);
    queue.done('ns/a');
    expect(queue.depth).toBe(0);
  });

  it('adds a delayed key when its time has come', async () => {
    const { queue, clock } = setUp();
    queue.addAfter('ns/a', 1000);
    await clock.advance(999);
    expect(queue.depth).toBe(0);
    await clock.advance(1);
    expect(queue.depth).toBe(1);
  });

  it('adds at once when the delay is not positive', () => {
    const { queue } = setUp();
    queue.addAfter('ns/a', 0);
    expect(queue.depth).toBe(1);
  });

  it.each([
    { first: 5000, second: 1000, pending: [1000] },
    { first: 1000, second: 5000, pending: [1000] },
  ])('lets the earlier of two delays count ($first, then $second)', ({ first, second, pending }) => {
    const { queue, clock } = setUp();
    queue.addAfter('ns/a', first);
    queue.addAfter('ns/a', second);
    expect(clock.pending()).toEqual(pending);
  });

  it('cancels the delayed add of a key that a worker takes, since the pass decides anew', async () => {
    const { queue, clock } = setUp();
    queue.addAfter('ns/a', 1000);
    queue.add('ns/a');
    await queue.take();
    expect(clock.pending()).toEqual([]);
  });

  it('keeps a delay that was asked for during the pass', async () => {
    const { queue, clock } = setUp();
    queue.add('ns/a');
    await queue.take();
    queue.addAfter('ns/a', 1000);
    queue.done('ns/a');
    expect(clock.pending()).toEqual([1000]);
  });

  it('cuts a delay that timers cannot keep, instead of firing at once', () => {
    const { queue, clock } = setUp();
    queue.addAfter('ns/a', 60 * 24 * 60 * 60 * 1000);
    expect(clock.pending()).toEqual([24 * 60 * 60 * 1000]);
  });

  it('doubles the back-off of a key that keeps failing, up to the maximum, and starts over after forget', () => {
    const delays: number[] = [];
    const { queue, clock } = setUp();
    const fail = () => {
      queue.addRateLimited('ns/a');
      delays.push(...clock.pending());
      queue.add('ns/a');
      void queue.take();
      queue.done('ns/a');
    };
    for (let i = 0; i < 12; i += 1) fail();
    expect(delays).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 32_000, 64_000, 128_000, 256_000, 300_000, 300_000]);
    queue.forget('ns/a');
    delays.length = 0;
    fail();
    expect(delays).toEqual([500]);
  });

  it.each([
    { random: 0, delay: 400 },
    { random: 0.999_999_9, delay: 600 },
  ])('spreads the back-off by a fifth either way (random $random)', ({ random, delay }) => {
    const { queue, clock } = setUp(() => random);
    queue.addRateLimited('ns/a');
    expect(clock.pending()).toEqual([delay]);
  });

  it('waits as long as the server asked when that is longer than the back-off', () => {
    const { queue, clock, observer } = setUp();
    queue.addRateLimited('ns/a', 7000);
    expect(clock.pending()).toEqual([7000]);
    expect(observer.retried).toHaveBeenCalledTimes(1);
  });

  it('reports how long a key waited, from the first add', async () => {
    const { queue, clock, observer } = setUp();
    queue.add('ns/a');
    await clock.advance(30);
    queue.add('ns/a');
    await clock.advance(12);
    await queue.take();
    expect(observer.taken).toHaveBeenLastCalledWith(42);
  });

  it('reports how long the oldest pass has been running', async () => {
    const { queue, clock } = setUp();
    expect(queue.longestRunningMs).toBe(0);
    queue.add('ns/a');
    queue.add('ns/b');
    await queue.take();
    await clock.advance(100);
    await queue.take();
    await clock.advance(50);
    expect(queue.longestRunningMs).toBe(150);
    queue.done('ns/a');
    expect(queue.longestRunningMs).toBe(50);
  });

  it('stops handing out and taking in keys on shutdown, and leaves no timer behind', async () => {
    const { queue, clock } = setUp();
    const idle = queue.take();
    queue.addAfter('ns/e', 10);
    queue.resyncAfter('ns/f', 10);
    queue.shutDown();
    await expect(idle).resolves.toBeUndefined();
    queue.add('ns/a');
    queue.addAfter('ns/b', 10);
    queue.addRateLimited('ns/c');
    queue.resyncAfter('ns/d', 10);
    expect(clock.pending()).toEqual([]);
    await expect(queue.take()).resolves.toBeUndefined();
  });

  it('drops what still waits on shutdown: the next leader lists everything again', async () => {
    const { queue } = setUp();
    queue.add('ns/a');
    queue.shutDown();
    await expect(queue.take()).resolves.toBeUndefined();
  });

  it('is drained once the last worker is finished', async () => {
    const { queue, clock } = setUp();
    let drained = false;
    queue.add('ns/a');
    await queue.take();
    queue.add('ns/a');
    queue.shutDown();
    void queue.drained().then(() => (drained = true));
    await clock.advance(0);
    expect(drained).toBe(false);
    queue.done('ns/a');
    await clock.advance(0);
    expect(drained).toBe(true);
  });
});
