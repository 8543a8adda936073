import { jest } from '@jest/globals';
import { FakeClock } from '../../../test/support/fake-clock.js';
import type { KubernetesObject } from '../../api/meta/object.js';
import { ApiError } from '../kubernetes/api-error.js';
import type { Informer, InformerEvent } from '../kubernetes/informer.js';
import { done, type Outcome, requeueAfter } from './outcome.js';
import { PassScope } from './pass-scope.js';
import { ReconcileLoop, type ReconcileLoopOptions } from './reconcile-loop.js';
import { type ReconcileContext, type Reconciler, watch } from './reconciler.js';
import { WorkQueue } from './work-queue.js';

const resource = { group: 'example.com', version: 'v1', plural: 'things', kind: 'Thing' };

function thing(name: string): KubernetesObject {
  const metadata = {
    name,
    namespace: 'ns',
    uid: name,
    resourceVersion: '1',
    creationTimestamp: '2026-01-13T09:00:00Z',
  };
  return { apiVersion: 'example.com/v1', kind: 'Thing', metadata };
}

/** An informer whose events the test emits; whatever else is asked of it fails. */
function fakeInformer() {
  const handlers: ((event: InformerEvent<KubernetesObject>) => void)[] = [];
  const informer = {
    resource,
    onEvent: (handler: (event: InformerEvent<KubernetesObject>) => void) => void handlers.push(handler),
  } as unknown as Informer<KubernetesObject>;
  const emit = (event: InformerEvent<KubernetesObject>) => handlers.forEach((handler) => handler(event));
  return { informer, emit };
}

function setUp(overrides: Partial<ReconcileLoopOptions> = {}) {
  const clock = new FakeClock();
  const things = fakeInformer();
  const queue = new WorkQueue({
    clock,
    random: () => 0.5,
    backOff: { initialMs: 500, maxMs: 300_000, jitter: 0.2 },
    observer: { added: jest.fn(), retried: jest.fn(), taken: jest.fn() },
  });
  const reconcile = jest.fn<Reconciler['reconcile']>();
  const logger = { assign: jest.fn(), debug: jest.fn(), info: jest.fn(), warn: jest.fn(), error: jest.fn() };
  const createLogger = jest.fn<ReconcileLoopOptions['createLogger']>(() => logger);
  const onPass = jest.fn<ReconcileLoopOptions['onPass']>();
  const onHealed = jest.fn();
  const scope = new PassScope();
  const loop = new ReconcileLoop({
    name: 'thing',
    informer: things.informer,
    reconciler: { reconcile },
    watches: [],
    concurrency: 1,
    passTimeoutMs: 60_000,
    queue,
    clock,
    newId: () => 'id-1',
    createLogger,
    scope,
    onPass,
    onHealed,
    mayRun: () => true,
    ...overrides,
  });
  return { clock, queue, reconcile, logger, createLogger, scope, onPass, onHealed, loop, emit: things.emit };
}

/** A pass that ends only when the test says so, or with the abort of its signal. */
function heldPass(reconcile: jest.Mock<Reconciler['reconcile']>) {
  const contexts: ReconcileContext[] = [];
  reconcile.mockImplementation((_key, context) => {
    contexts.push(context);
    return new Promise((_, reject) => {
      context.signal.addEventListener('abort', () => {
        reject(context.signal.reason as Error);
      });
    });
  });
  return contexts;
}

describe('ReconcileLoop', () => {
  it('runs a pass for the key of each event', async () => {
    const { loop, emit, reconcile, clock, onPass } = setUp();
    reconcile.mockResolvedValue(done());
    loop.start();
    emit({ type: 'added', object: thing('a') });
    emit({ type: 'deleted', object: thing('b') });
    await clock.advance(0);
    expect(reconcile.mock.calls.map(([key]) => key)).toEqual(['ns/a', 'ns/b']);
    expect(onPass.mock.calls).toEqual([
      ['success', 0],
      ['success', 0],
    ]);
  });

  it('wakes the keys that events of another kind map to', async () => {
    const others = fakeInformer();
    const watches = [watch(others.informer, ({ object }) => [`ns/${object.metadata.name}-1`, 'ns/fixed'])];
    const { loop, clock, reconcile } = setUp({ watches });
    reconcile.mockResolvedValue(done());
    loop.start();
    others.emit({ type: 'added', object: thing('owner') });
    await clock.advance(0);
    expect(reconcile.mock.calls.map(([key]) => key)).toEqual(['ns/owner-1', 'ns/fixed']);
  });

  it('wakes the keys that the reconciler itself asks for, from its start on', async () => {
    const passes: string[] = [];
    let wakeLater: (key: string) => void = () => undefined;
    const reconciler: Reconciler = {
      onStart: (wake) => {
        wake('ns/first');
        wakeLater = wake;
      },
      reconcile: (key) => {
        passes.push(key);
        return Promise.resolve(done());
      },
    };
    const { loop, clock } = setUp({ reconciler });
    loop.start();
    await clock.advance(0);
    wakeLater('ns/later');
    await clock.advance(0);
    expect(passes).toEqual(['ns/first', 'ns/later']);
    expect(() => wakeLater('no-namespace')).toThrow(RangeError);
  });

  it('refuses a mapping that makes up keys, to the informer that reports it', () => {
    const others = fakeInformer();
    const { loop, queue } = setUp({ watches: [watch(others.informer, () => ['no-namespace'])] });
    loop.start();
    expect(() => others.emit({ type: 'added', object: thing('owner') })).toThrow(RangeError);
    expect(queue.depth).toBe(0);
  });

  it('works on as many keys at once as it has workers', async () => {
    const { loop, reconcile, clock, queue } = setUp({ concurrency: 2 });
    heldPass(reconcile);
    loop.start();
    for (const key of ['ns/a', 'ns/b', 'ns/c']) queue.add(key);
    await clock.advance(0);
    expect(reconcile).toHaveBeenCalledTimes(2);
  });

  it('comes back when the pass asked for it', async () => {
    const { loop, reconcile, clock, queue, onPass } = setUp();
    reconcile.mockResolvedValueOnce(requeueAfter(5000)).mockResolvedValue(done());
    loop.start();
    queue.add('ns/a');
    await clock.advance(4999);
    expect(reconcile).toHaveBeenCalledTimes(1);
    await clock.advance(1);
    expect(onPass.mock.calls.map(([result]) => result)).toEqual(['requeue_after', 'success']);
  });

  it('backs off after failures and starts over after a success', async () => {
    const { loop, reconcile, clock, queue } = setUp();
    reconcile.mockRejectedValue(new Error('boom'));
    loop.start();
    queue.add('ns/a');
    await clock.advance(0);
    expect(clock.pending()).toEqual([500]);
    await clock.advance(500);
    expect(clock.pending()).toEqual([1000]);
    reconcile.mockResolvedValueOnce(done());
    await clock.advance(1000);
    expect(clock.pending()).toEqual([]);
    queue.add('ns/a');
    await clock.advance(0);
    expect(clock.pending()).toEqual([500]);
  });

  it('waits as long as an overloaded server asks', async () => {
    const { loop, reconcile, clock, queue } = setUp();
    const error = new ApiError({
      method: 'GET',
      target: 'x',
      code: 429,
      reason: 'TooManyRequests',
      retryAfterMs: 9000,
    });
    reconcile.mockRejectedValue(error);
    loop.start();
    queue.add('ns/a');
    await clock.advance(0);
    expect(clock.pending()).toEqual([9000]);
  });

  it('survives a reconciler that throws before its first await', async () => {
    const { loop, reconcile, clock, queue, onPass } = setUp();
    reconcile.mockImplementation(() => {
      throw new Error('boom');
    });
    loop.start();
    queue.add('ns/a');
    await clock.advance(500);
    expect(onPass.mock.calls.map(([result]) => result)).toEqual(['error', 'error']);
  });

  it('gives every line of a pass the kind, namespace, name and an id of the pass', async () => {
    const { loop, reconcile, clock, queue, createLogger, logger } = setUp();
    reconcile.mockRejectedValue(new Error('boom'));
    loop.start();
    queue.add('ns/a');
    await clock.advance(0);
    const pass = { cause: 'event', reconcileID: 'id-1' };
    expect(createLogger).toHaveBeenCalledWith({
      reconciler: 'thing',
      kind: 'Thing',
      namespace: 'ns',
      name: 'a',
      ...pass,
    });
    expect(logger.error).toHaveBeenCalledTimes(1);
  });

  it('aborts a pass at its timeout and tries again', async () => {
    const { loop, reconcile, clock, queue, onPass } = setUp();
    heldPass(reconcile);
    loop.start();
    queue.add('ns/a');
    await clock.advance(60_000);
    expect(onPass.mock.calls).toEqual([['error', 60_000]]);
    await clock.advance(500);
    expect(reconcile).toHaveBeenCalledTimes(2);
  });

  it('is wedged once a pass has ignored its abort for long', async () => {
    const { loop, reconcile, clock, queue } = setUp();
    reconcile.mockReturnValue(new Promise(() => undefined));
    loop.start();
    queue.add('ns/a');
    await clock.advance(180_000);
    expect(loop.wedged).toBe(false);
    await clock.advance(1);
    expect(loop.wedged).toBe(true);
  });

  it('runs no pass once it may not: the process is no longer the leader', async () => {
    const mayRun = jest.fn<() => boolean>().mockReturnValueOnce(true).mockReturnValue(false);
    const { loop, reconcile, clock, queue } = setUp({ mayRun });
    reconcile.mockResolvedValue(done());
    loop.start();
    queue.add('ns/a');
    queue.add('ns/b');
    await clock.advance(0);
    expect(reconcile).toHaveBeenCalledTimes(1);
  });

  it('stops taking keys, lets the pass finish, and is drained then', async () => {
    const { loop, reconcile, clock, queue } = setUp();
    const pass = Promise.withResolvers<Outcome>();
    reconcile.mockReturnValue(pass.promise);
    loop.start();
    queue.add('ns/a');
    queue.add('ns/b');
    await clock.advance(0);
    loop.stopTaking();
    let drained = false;
    void loop.drained().then(() => (drained = true));
    await clock.advance(0);
    expect(drained).toBe(false);
    pass.resolve(done());
    await clock.advance(0);
    expect(drained).toBe(true);
    expect(reconcile).toHaveBeenCalledTimes(1);
  });

  it('aborts passes that outlive the grace, without counting them as failures', async () => {
    const { loop, reconcile, clock, queue, onPass, logger } = setUp();
    const contexts = heldPass(reconcile);
    loop.start();
    queue.add('ns/a');
    await clock.advance(0);
    loop.stopTaking();
    loop.abort();
    await loop.drained();
    expect(contexts[0]?.signal.aborted).toBe(true);
    expect(onPass.mock.calls).toEqual([['aborted', 0]]);
    expect(logger.warn).not.toHaveBeenCalled();
    expect(clock.pending()).toEqual([]);
  });
});
