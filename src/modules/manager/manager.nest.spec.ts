import { Global, type INestApplication, Module } from '@nestjs/common';
import { jest } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { LoggerModule } from 'nestjs-pino';
import { register } from 'prom-client';
import { FakeClock } from '../../../test/support/fake-clock.js';
import { LeaseServer } from '../../../test/support/lease-server.js';
import type { KubernetesObject } from '../../api/meta/object.js';
import { CLOCK, RANDOM } from '../../domain/clock.js';
import { Config } from '../config/config.js';
import { readConfig } from '../config/config.reader.js';
import { loggerOptions } from '../config/logger-options.js';
import { HealthModule } from '../health/health.module.js';
import { KubernetesClient } from '../kubernetes/client.js';
import type { InformerEvent } from '../kubernetes/informer.js';
import { Informers } from '../kubernetes/informers.js';
import { KubernetesHealth } from '../kubernetes/kubernetes.health.js';
import { Transport } from '../kubernetes/transport.js';
import type { Write } from '../kubernetes/write.js';
import { MetricsModule } from '../metrics/metrics.module.js';
import { ManagerModule } from './manager.module.js';
import { EXIT } from './manager.tokens.js';
import { done, type Outcome } from './outcome.js';
import { ReconcilerFor } from './reconciler.decorator.js';
import type { ReconcileContext, Reconciler } from './reconciler.js';

const THINGS = { group: 'example.com', version: 'v1', plural: 'things', kind: 'Thing' };

const reconcile = jest.fn<(key: string, context: ReconcileContext) => Promise<Outcome>>();

@ReconcilerFor({ name: 'thing', resource: THINGS })
class ThingReconciler implements Reconciler {
  reconcile(key: string, context: ReconcileContext): Promise<Outcome> {
    return reconcile(key, context);
  }
}

@Module({ providers: [ThingReconciler] })
class ThingModule {}

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

/** The kubernetes module's parts that the manager uses; whatever else is asked of them fails. */
class FakeKubernetes {
  readonly clock = new FakeClock();
  readonly lease = new LeaseServer();
  readonly sync = Promise.withResolvers<undefined>();
  readonly objects = [thing('a')];
  readonly registered: string[] = [];
  beforeWrite: () => void = () => undefined;
  onWrite: (write: Write) => () => void = () => () => undefined;
  informersSignal: AbortSignal | undefined;
  /** Signals of the comparisons that were asked for. */
  readonly comparisons: AbortSignal[] = [];
  readonly #handlers: ((event: InformerEvent<KubernetesObject>) => void)[] = [];

  readonly informer = {
    resource: THINGS,
    list: () => this.objects,
    onEvent: (handler: (event: InformerEvent<KubernetesObject>) => void) => {
      this.#handlers.push(handler);
      for (const object of this.objects) handler({ type: 'added', object });
    },
  };

  emit(event: InformerEvent<KubernetesObject>): void {
    for (const handler of this.#handlers) handler(event);
  }

  readonly informers = {
    register: ({ kind }: { kind: string }) => {
      if (this.informersSignal !== undefined) throw new Error('registered after the start');
      this.registered.push(kind);
      return this.informer;
    },
    start: (signal: AbortSignal) => (this.informersSignal = signal),
    areUpToDate: () => true,
    compare: (signal: AbortSignal) => {
      this.comparisons.push(signal);
      return Promise.resolve();
    },
    waitForSync: (signal: AbortSignal) =>
      new Promise((resolve, reject) => {
        void this.sync.promise.then(resolve);
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      }),
  };

  get module() {
    @Global()
    @Module({
      providers: [
        { provide: CLOCK, useValue: this.clock },
        { provide: RANDOM, useValue: () => 0.5 },
        { provide: Transport, useValue: this.lease },
        {
          provide: KubernetesClient,
          useValue: {
            onBeforeWrite: (hook: () => void) => (this.beforeWrite = hook),
            onWrite: (hook: (write: Write) => () => void) => (this.onWrite = hook),
          },
        },
        { provide: Informers, useValue: this.informers },
        {
          provide: KubernetesHealth,
          useValue: { check: () => ({ kubernetes: { status: 'up', watches: [{ kind: 'Thing' }] } }) },
        },
        {
          provide: Config,
          useFactory: () =>
            readConfig({
              env: { JANGAR_NAMESPACE: 'ns', JANGAR_RUNNER_IMAGE: 'image', JANGAR_RESYNC_SECONDS: '60' },
              serviceAccountNamespace: () => undefined,
              hostname: () => 'pod-1',
            }),
        },
      ],
      exports: [CLOCK, RANDOM, Transport, KubernetesClient, Informers, KubernetesHealth, Config],
    })
    class FakeKubernetesModule {}
    return FakeKubernetesModule;
  }
}

async function boot() {
  const kubernetes = new FakeKubernetes();
  const exit = jest.fn<(code: number) => void>();
  lines.length = 0;
  const stream = { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) };
  const { pinoHttp } = loggerOptions({ log: { level: 'debug' } });
  const module = await Test.createTestingModule({
    imports: [
      kubernetes.module,
      LoggerModule.forRoot({ pinoHttp: [pinoHttp as object, stream] }),
      ManagerModule,
      HealthModule,
      MetricsModule,
      ThingModule,
    ],
  })
    .overrideProvider(EXIT)
    .useValue(exit)
    .compile();
  const app: INestApplication = module.createNestApplication({ logger: false });
  await app.listen(0, '127.0.0.1');
  running.push({ app, clock: kubernetes.clock });
  const get = async (path: string) => {
    const response = await fetch(`${await app.getUrl()}${path}`, { headers: { connection: 'close' } });
    const text = await response.text();
    return { status: response.status, text, json: () => JSON.parse(text) as unknown };
  };
  return { app, kubernetes, exit, get, ...kubernetes };
}

/** Of the app that runs: nestjs-pino makes one logger per process, with the first app's stream. */
const lines: Record<string, unknown>[] = [];

const running: { app: INestApplication; clock: FakeClock }[] = [];

/** Also of apps that a test has closed already, which is harmless; grace and abort pass on the fake clock. */
async function closeAll(): Promise<void> {
  for (const { app, clock } of running.splice(0)) {
    const stopped = app.close();
    await clock.advance(30_000);
    await stopped;
  }
}

async function bootLeader() {
  const setup = await boot();
  setup.sync.resolve(undefined);
  await setup.clock.advance(0);
  return setup;
}

const holderOf = (lease: LeaseServer) => lease.lease?.spec?.holderIdentity;

/** A pass that is over when the test says so; `heedsAbort` also ends it with its signal. */
function heldPass({ heedsAbort }: { heedsAbort: boolean }) {
  const pass = Promise.withResolvers<Outcome>();
  reconcile.mockImplementation((_key, { signal }) => {
    if (heedsAbort) signal.addEventListener('abort', () => pass.reject(signal.reason as Error));
    return pass.promise;
  });
  return { finish: () => pass.resolve(done()) };
}

describe('Manager', () => {
  beforeEach(() => {
    reconcile.mockReset().mockResolvedValue(done());
    register.clear();
  });

  afterEach(closeAll);

  it('registers the caches of its reconcilers before it starts them', async () => {
    const { registered, kubernetes } = await boot();
    expect(registered).toEqual(['Thing']);
    expect(kubernetes.informersSignal?.aborted).toBe(false);
  });

  it('is alive but neither ready nor a candidate before the caches are complete', async () => {
    const { get, lease, clock } = await boot();
    await clock.advance(60_000);
    expect((await get('/livez')).status).toBe(200);
    expect((await get('/readyz')).status).toBe(503);
    expect(lease.requests).toEqual([]);
    expect(reconcile).not.toHaveBeenCalled();
  });

  it('is ready, leads and looks at every object once they are', async () => {
    const { get, lease } = await bootLeader();
    expect((await get('/readyz')).status).toBe(200);
    expect(holderOf(lease)).toMatch(/^pod-1_[0-9a-f-]{36}$/);
    expect(reconcile.mock.calls.map(([key]) => key)).toEqual(['ns/a']);
  });

  it('is ready but reconciles nothing while somebody else leads', async () => {
    const { get, lease, sync, clock } = await boot();
    await lease.request({
      method: 'POST',
      path: '/',
      body: { metadata: {}, spec: { holderIdentity: 'other', leaseDurationSeconds: 15 } },
    });
    sync.resolve(undefined);
    await clock.advance(14_000);
    expect((await get('/readyz')).status).toBe(200);
    expect(reconcile).not.toHaveBeenCalled();
    await clock.advance(3000);
    expect(reconcile).toHaveBeenCalledTimes(1);
  });

  it('puts the fields of the pass and what it assigned on every line of it', async () => {
    reconcile.mockImplementation((_key, { logger }) => {
      logger.assign({ 'agentRun.uid': 'uid-7' });
      logger.info({ step: 1 }, 'hello');
      return Promise.reject(new Error('boom'));
    });
    await bootLeader();
    const ofPass = lines.filter((line) => line.kind === 'Thing');
    expect(ofPass.map(({ msg, level }) => [level, msg])).toEqual([
      ['info', 'hello'],
      ['error', 'the pass failed unexpectedly'],
    ]);
    for (const line of ofPass) {
      expect(line).toMatchObject({ namespace: 'ns', name: 'a', reconciler: 'thing', 'agentRun.uid': 'uid-7' });
      expect(line.reconcileID).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  it('lets a running pass finish within the grace, and only then releases the Lease', async () => {
    const pass = heldPass({ heedsAbort: true });
    const { app, clock, lease, get, kubernetes } = await bootLeader();
    const stopped = app.close();
    await clock.advance(19_000);
    expect((await get('/readyz')).status).toBe(503);
    expect((await get('/metrics')).status).toBe(200);
    expect(holderOf(lease)).not.toBe('');
    pass.finish();
    await clock.advance(0);
    await stopped;
    expect(holderOf(lease)).toBe('');
    expect(kubernetes.informersSignal?.aborted).toBe(true);
  });

  it('begins no pass once it stops', async () => {
    const pass = heldPass({ heedsAbort: true });
    const { app, clock, kubernetes } = await bootLeader();
    const stopped = app.close();
    await clock.advance(1000);
    kubernetes.emit({ type: 'added', object: thing('b') });
    await clock.advance(1000);
    pass.finish();
    await clock.advance(0);
    await stopped;
    expect(reconcile.mock.calls.map(([key]) => key)).toEqual(['ns/a']);
  });

  it('aborts a pass that outlives the grace, and then releases the Lease', async () => {
    heldPass({ heedsAbort: true });
    const { app, clock, lease } = await bootLeader();
    const stopped = app.close();
    await clock.advance(20_000);
    await stopped;
    expect(holderOf(lease)).toBe('');
  });

  it('keeps the Lease to its end when a pass ignores its abort: it may still write', async () => {
    heldPass({ heedsAbort: false });
    const { app, clock, lease } = await bootLeader();
    const stopped = app.close();
    await clock.advance(25_000);
    await stopped;
    expect(holderOf(lease)).toMatch(/^pod-1_/);
  });

  it('stops while the first list is still running', async () => {
    const { app, lease } = await boot();
    await app.close();
    expect(lease.requests).toEqual([]);
  });

  it('aborts everything and ends the process when leadership is lost', async () => {
    heldPass({ heedsAbort: true });
    const { clock, lease, exit } = await bootLeader();
    lease.faults.push('network', 'network', 'network', 'network', 'network', 'network');
    await clock.advance(10_000);
    expect(exit.mock.calls).toEqual([[1]]);
    expect(reconcile.mock.calls[0]?.[1].signal.aborted).toBe(true);
    expect(lines.at(-1)).toMatchObject({ level: 'debug', msg: 'the pass was aborted by the stop' });
    expect(lines.filter(({ level }) => level === 'fatal')).toHaveLength(1);
  });

  it('ends the process instead of writing when it was frozen past its lease', async () => {
    const { clock, exit, kubernetes } = await bootLeader();
    kubernetes.beforeWrite();
    expect(exit).not.toHaveBeenCalled();
    jest.spyOn(clock, 'monotonicMs').mockReturnValue(20_000);
    kubernetes.beforeWrite();
    expect(exit.mock.calls).toEqual([[1]]);
  });

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

  it('compares the caches with the API server once in each resync interval, until it stops', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'setTimeout'] });
    try {
      const { app, clock, comparisons } = await bootLeader();
      for (const expected of [1, 2]) {
        jest.advanceTimersByTime(60_000);
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

describe('probes and metrics', () => {
  beforeEach(() => {
    reconcile.mockReset().mockResolvedValue(done());
    register.clear();
  });

  afterEach(closeAll);

  it('fails liveness only for a worker that is lost for good', async () => {
    heldPass({ heedsAbort: false });
    const { clock, get } = await bootLeader();
    await clock.advance(179_000);
    expect((await get('/livez')).status).toBe(200);
    await clock.advance(2000);
    const answer = await get('/livez');
    expect(answer.status).toBe(503);
    expect(answer.json()).toMatchObject({ error: { loops: { status: 'down', wedged: ['thing'] } } });
  });

  it('tells people about watches, leader and queues', async () => {
    const { get } = await bootLeader();
    const answer = await get('/healthz');
    expect(answer.status).toBe(200);
    expect(answer.json()).toMatchObject({
      status: 'ok',
      details: {
        leaderElection: { leading: true },
        manager: { state: 'ready' },
        reconcilers: { thing: { depth: 0, longestRunningSeconds: 0 } },
        kubernetes: { watches: [{ kind: 'Thing' }] },
      },
    });
  });

  it('logs no probe', async () => {
    const { get } = await bootLeader();
    for (const path of ['/livez', '/readyz', '/healthz', '/metrics']) await get(path);
    expect((await get('/nothing?token=hunter2')).status).toBe(404);
    const requests = lines.filter((line) => line.req !== undefined);
    expect(requests.map(({ req, res }) => [req, res])).toEqual([
      [{ method: 'GET', path: '/nothing' }, { statusCode: 404 }],
    ]);
    expect(JSON.stringify(lines)).not.toContain('hunter2');
  });

  it('has every series from the start, with the closed set of results', async () => {
    const { get } = await boot();
    const { text } = await get('/metrics');
    const seriesOf = (name: string) => text.split('\n').filter((line) => line.startsWith(`${name}{`));
    expect(seriesOf('jangar_reconcile_total')).toEqual(
      ['success', 'requeue_after', 'terminal', 'conflict', 'error', 'aborted'].map(
        (result) => `jangar_reconcile_total{reconciler="thing",result="${result}"} 0`,
      ),
    );
    for (const name of [
      'jangar_reconcile_duration_seconds_count',
      'jangar_workqueue_adds_total',
      'jangar_workqueue_latency_seconds_count',
      'jangar_workqueue_retries_total',
      'jangar_workqueue_depth',
      'jangar_workqueue_longest_running_seconds',
      'jangar_resync_total',
    ]) {
      expect(seriesOf(name)).toEqual([`${name}{reconciler="thing"} 0`]);
    }
    expect(seriesOf('jangar_resync_healed_total')).toEqual(['jangar_resync_healed_total{kind="Thing"} 0']);
    expect(text).toContain('\njangar_leader 0\n');
  });

  it('counts passes, waits and retries', async () => {
    reconcile.mockRejectedValueOnce(new Error('boom'));
    const { clock, get } = await bootLeader();
    await clock.advance(500);
    const { text } = await get('/metrics');
    for (const line of [
      'jangar_reconcile_total{reconciler="thing",result="error"} 1',
      'jangar_reconcile_total{reconciler="thing",result="success"} 1',
      'jangar_workqueue_adds_total{reconciler="thing"} 2',
      'jangar_workqueue_retries_total{reconciler="thing"} 1',
      'jangar_workqueue_latency_seconds_count{reconciler="thing"} 2',
      'jangar_leader 1',
    ]) {
      expect(text).toContain(`\n${line}\n`);
    }
  });
});
