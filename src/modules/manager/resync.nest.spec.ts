import { jest } from '@jest/globals';
import { bootLeader, closeAll, lines, reconcile, reset, thing, THINGS } from '../../../test/support/manager-scene.js';
import { done } from './outcome.js';

describe('the resync', () => {
  beforeEach(reset);

  afterEach(closeAll);

  it('looks at every object again in each resync interval, at a moment of its own', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'setTimeout'] });
    try {
      const { clock, get } = await bootLeader();
      expect(reconcile).toHaveBeenCalledTimes(1);
      jest.advanceTimersByTime(60_000);
      await clock.advance(29_999);
      expect(reconcile).toHaveBeenCalledTimes(1);
      await clock.advance(1);
      expect(reconcile).toHaveBeenCalledTimes(2);
      const { text } = await get('/metrics');
      expect(text).toContain('jangar_resync_total{reconciler="thing"} 1');
    } finally {
      jest.useRealTimers();
    }
  });

  it('compares the caches with the API server in every sixth resync interval, until it stops', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'setTimeout'] });
    try {
      const { app, clock, comparisons } = await bootLeader();
      for (const expected of [1, 2]) {
        jest.advanceTimersByTime(6 * 60_000);
        await clock.advance(29_999);
        expect(comparisons).toHaveLength(expected - 1);
        await clock.advance(1);
        expect(comparisons).toHaveLength(expected);
      }
      const stopped = app.close();
      await clock.advance(0);
      await stopped;
      expect(comparisons.map(({ aborted }) => aborted)).toEqual([true, true]);
    } finally {
      jest.useRealTimers();
    }
  });

  it('takes what a watch had passed over for the find of the resync', async () => {
    const { clock, get, kubernetes } = await bootLeader();
    reconcile.mockImplementation(() => {
      kubernetes.onWrite({ verb: 'create', resource: THINGS, namespace: 'ns', name: 'a-1' })();
      return Promise.resolve(done());
    });
    kubernetes.emit({ type: 'updated', object: thing('a'), previous: thing('a'), missed: true });
    await clock.advance(0);
    expect((await get('/metrics')).text).toContain('jangar_resync_healed_total{kind="Thing"} 1');
  });

  it('tells when a resync wrote what no event had asked for, and only then', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'setTimeout'] });
    try {
      const { clock, get, kubernetes } = await bootLeader();
      reconcile.mockImplementation((_key, { logger }) => {
        logger.assign({ 'agentRun.uid': 'uid-7' });
        kubernetes.onWrite({ verb: 'create', resource: THINGS, namespace: 'ns', name: 'a-1' })();
        return Promise.resolve(done());
      });
      kubernetes.emit({ type: 'added', object: thing('a') });
      await clock.advance(0);
      const healed = async () => /^jangar_resync_healed_total.*$/m.exec((await get('/metrics')).text)?.[0];
      expect(await healed()).toBe('jangar_resync_healed_total{kind="Thing"} 0');
      jest.advanceTimersByTime(60_000);
      await clock.advance(30_000);
      expect(await healed()).toBe('jangar_resync_healed_total{kind="Thing"} 1');
      expect(lines.find(({ writes }) => writes !== undefined)).toMatchObject({
        level: 'warn',
        name: 'a',
        cause: 'resync',
        'agentRun.uid': 'uid-7',
        writes: ['create things a-1'],
      });
    } finally {
      jest.useRealTimers();
    }
  });
});
