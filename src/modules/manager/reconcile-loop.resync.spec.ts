import { jest } from '@jest/globals';
import { FakeClock } from '../../../test/support/fake-clock.js';
import type { KubernetesObject } from '../../api/meta/object.js';
import { ApiError } from '../kubernetes/api-error.js';
import type { Informer } from '../kubernetes/informer.js';
import { AGENT_RUNS, EVENTS, JOBS, type Resource } from '../kubernetes/resource.js';
import { done, type Outcome, requeueAfter, retryAfter } from './outcome.js';
import { PassScope } from './pass-scope.js';
import { ReconcileLoop } from './reconcile-loop.js';
import type { Reconciler } from './reconciler.js';
import { WorkQueue } from './work-queue.js';

const KEY = 'ns/a';
const RESYNC_MS = 30_000;

/** A loop over AgentRuns whose passes write what a test says. */
function setUp() {
  const clock = new FakeClock();
  const queue = new WorkQueue({
    clock,
    random: () => 0.5,
    backOff: { initialMs: 60_000, maxMs: 300_000, jitter: 0 },
    observer: { added: jest.fn(), retried: jest.fn(), taken: jest.fn() },
  });
  const scope = new PassScope();
  const reconcile = jest.fn<Reconciler['reconcile']>().mockResolvedValue(done());
  const logger = { assign: jest.fn(), debug: jest.fn(), info: jest.fn(), warn: jest.fn(), error: jest.fn() };
  const onHealed = jest.fn();
  const loop = new ReconcileLoop({
    name: 'agent-run',
    informer: { resource: AGENT_RUNS, onEvent: () => undefined } as unknown as Informer<KubernetesObject>,
    reconciler: { reconcile },
    watches: [],
    concurrency: 1,
    passTimeoutMs: 20_000,
    queue,
    clock,
    newId: () => 'id-1',
    createLogger: () => logger,
    scope,
    onPass: jest.fn(),
    onHealed,
    mayRun: () => true,
  });
  loop.start();
  /** A write as the client reports it. */
  const write = (resource: Resource<KubernetesObject> = AGENT_RUNS) => {
    const verb = resource === AGENT_RUNS ? 'patch' : 'create';
    const subresource = resource === AGENT_RUNS ? 'status' : undefined;
    return scope.onWrite({ verb, resource, subresource, namespace: 'ns', name: 'a' });
  };
  /** A pass that the resync asks for, now. */
  const resync = async () => {
    queue.resyncAfter(KEY, RESYNC_MS);
    await clock.advance(RESYNC_MS);
  };
  /** A pass that an event asks for. */
  const pass = async () => {
    queue.add(KEY);
    await clock.advance(0);
  };
  return { clock, queue, reconcile, logger, onHealed, write, resync, pass };
}

const unavailable = new ApiError({ method: 'PATCH', target: 'x', code: 503, reason: 'ServiceUnavailable' });

describe('a pass that the resync asked for', () => {
  it('counts once, and says what it wrote, when it wrote something', async () => {
    const { reconcile, write, resync, onHealed, logger } = setUp();
    reconcile.mockImplementation(async () => {
      write(JOBS)();
      await Promise.resolve();
      write()();
      return done();
    });
    await resync();
    expect(onHealed).toHaveBeenCalledTimes(1);
    const writes = ['create jobs a', 'patch agentruns/status a'];
    expect(logger.warn.mock.calls).toEqual([[{ writes }, 'the resync found what no event had told']]);
  });

  it('counts when it wrote something and then failed: the next pass has another cause', async () => {
    const { reconcile, write, resync, onHealed } = setUp();
    reconcile.mockImplementation(() => {
      write()();
      return Promise.reject(unavailable);
    });
    await resync();
    expect(onHealed).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['it wrote nothing', () => undefined],
    ['its write failed', (write: (resource?: Resource<KubernetesObject>) => () => void) => void write()],
    ['it wrote an Event', (write: (resource?: Resource<KubernetesObject>) => () => void) => write(EVENTS)()],
  ])('does not count when %s', async (_name, act) => {
    const { reconcile, write, resync, onHealed, logger } = setUp();
    reconcile.mockImplementation(() => {
      act(write);
      return Promise.resolve(done());
    });
    await resync();
    expect(reconcile).toHaveBeenCalledTimes(1);
    expect(onHealed).not.toHaveBeenCalled();
    expect(logger.warn).not.toHaveBeenCalled();
  });

  it('does not count when an event came before it wrote', async () => {
    const { reconcile, write, resync, queue, onHealed } = setUp();
    reconcile.mockImplementationOnce(() => {
      queue.add(KEY);
      write()();
      return Promise.resolve(done());
    });
    await resync();
    expect(reconcile).toHaveBeenCalledTimes(2);
    expect(onHealed).not.toHaveBeenCalled();
  });

  it('counts when an event came after it had begun to write: that is the echo of its own write', async () => {
    const { reconcile, write, resync, queue, onHealed } = setUp();
    reconcile.mockImplementationOnce(() => {
      const succeeded = write();
      queue.add(KEY);
      succeeded();
      return Promise.resolve(done());
    });
    await resync();
    expect(onHealed).toHaveBeenCalledTimes(1);
  });

  it('does not count when an event came while the key waited for a worker', async () => {
    const { reconcile, write, clock, queue, onHealed } = setUp();
    const held = Promise.withResolvers<Outcome>();
    reconcile.mockReturnValueOnce(held.promise).mockImplementation(() => {
      write()();
      return Promise.resolve(done());
    });
    queue.add('ns/other');
    queue.resyncAfter(KEY, 1);
    await clock.advance(1);
    queue.add(KEY);
    held.resolve(done());
    await clock.advance(0);
    expect(reconcile.mock.calls.map(([key]) => key)).toEqual(['ns/other', KEY]);
    expect(onHealed).not.toHaveBeenCalled();
  });

  it.each([
    ['a failure is waiting to be tried again', () => Promise.reject(unavailable)],
    ['a refusal is waiting to be tried again', () => Promise.resolve(retryAfter(60_000))],
    ['a time that a pass had asked for comes during it', () => Promise.resolve(requeueAfter(RESYNC_MS + 10))],
  ])('does not count when %s', async (_name, before) => {
    const { reconcile, write, resync, pass, clock, onHealed } = setUp();
    reconcile.mockImplementationOnce(before).mockImplementation(async () => {
      await new Promise<void>((resolve) => clock.setTimer(20, resolve));
      write()();
      return done();
    });
    await pass();
    await resync();
    await clock.advance(20);
    expect(reconcile).toHaveBeenCalledTimes(2);
    expect(onHealed).not.toHaveBeenCalled();
  });

  it('counts when the time that a pass had asked for is still far away', async () => {
    const { reconcile, write, resync, pass, onHealed } = setUp();
    reconcile.mockResolvedValueOnce(requeueAfter(3_600_000)).mockImplementation(() => {
      write()();
      return Promise.resolve(done());
    });
    await pass();
    await resync();
    expect(onHealed).toHaveBeenCalledTimes(1);
  });
});

describe('a pass with another cause', () => {
  it('never counts, whatever it wrote', async () => {
    const { reconcile, write, pass, clock, onHealed } = setUp();
    const outcomes = [requeueAfter(5000), retryAfter(60_000)];
    reconcile.mockImplementation(() => {
      write()();
      const outcome = outcomes.shift();
      return outcome === undefined ? Promise.reject(unavailable) : Promise.resolve(outcome);
    });
    await pass();
    await clock.advance(5000);
    await clock.advance(60_000);
    await clock.advance(60_000);
    expect(reconcile).toHaveBeenCalledTimes(4);
    expect(onHealed).not.toHaveBeenCalled();
  });

  it('does not put off the resync, which has a moment of its own', async () => {
    const { reconcile, queue, clock } = setUp();
    queue.resyncAfter(KEY, RESYNC_MS);
    await clock.advance(RESYNC_MS - 1);
    queue.add(KEY);
    await clock.advance(0);
    await clock.advance(1);
    expect(reconcile).toHaveBeenCalledTimes(2);
  });
});
