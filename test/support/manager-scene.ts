import { Global, type INestApplication, Module } from '@nestjs/common';
import { jest } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { LoggerModule } from 'nestjs-pino';
import { register } from 'prom-client';
import type { KubernetesObject } from '../../src/api/meta/object.js';
import { CLOCK, RANDOM } from '../../src/domain/clock.js';
import { Config } from '../../src/modules/config/config.js';
import { readConfig } from '../../src/modules/config/config.reader.js';
import { loggerOptions } from '../../src/modules/config/logger-options.js';
import { HealthModule } from '../../src/modules/health/health.module.js';
import { KubernetesClient } from '../../src/modules/kubernetes/client.js';
import type { InformerEvent } from '../../src/modules/kubernetes/informer.js';
import { Informers } from '../../src/modules/kubernetes/informers.js';
import { KubernetesHealth } from '../../src/modules/kubernetes/kubernetes.health.js';
import { Transport } from '../../src/modules/kubernetes/transport.js';
import type { Write } from '../../src/modules/kubernetes/write.js';
import { ManagerModule } from '../../src/modules/manager/manager.module.js';
import { EXIT } from '../../src/modules/manager/manager.tokens.js';
import { done, type Outcome } from '../../src/modules/manager/outcome.js';
import { ReconcilerFor } from '../../src/modules/manager/reconciler.decorator.js';
import type { ReconcileContext, Reconciler } from '../../src/modules/manager/reconciler.js';
import { MetricsModule } from '../../src/modules/metrics/metrics.module.js';
import { FakeClock } from './fake-clock.js';
import { LeaseServer } from './lease-server.js';

export const THINGS = { group: 'example.com', version: 'v1', plural: 'things', kind: 'Thing' };

export const reconcile = jest.fn<(key: string, context: ReconcileContext) => Promise<Outcome>>();

@ReconcilerFor({ name: 'thing', resource: THINGS })
class ThingReconciler implements Reconciler {
  reconcile(key: string, context: ReconcileContext): Promise<Outcome> {
    return reconcile(key, context);
  }
}

@Module({ providers: [ThingReconciler] })
class ThingModule {}

export function thing(name: string): KubernetesObject {
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

export async function boot() {
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
export const lines: Record<string, unknown>[] = [];

const running: { app: INestApplication; clock: FakeClock }[] = [];

/** Also of apps that a test has closed already, which is harmless; grace and abort pass on the fake clock. */
export async function closeAll(): Promise<void> {
  for (const { app, clock } of running.splice(0)) {
    const stopped = app.close();
    await clock.advance(30_000);
    await stopped;
  }
}

export async function bootLeader() {
  const setup = await boot();
  setup.sync.resolve(undefined);
  await setup.clock.advance(0);
  return setup;
}

/** A pass that is over when the test says so; `heedsAbort` also ends it with its signal. */
export function heldPass({ heedsAbort }: { heedsAbort: boolean }) {
  const pass = Promise.withResolvers<Outcome>();
  reconcile.mockImplementation((_key, { signal }) => {
    if (heedsAbort) signal.addEventListener('abort', () => pass.reject(signal.reason as Error));
    return pass.promise;
  });
  return { finish: () => pass.resolve(done()) };
}

/** Before each test that boots: a reconciler that is content, and metrics from nothing. */
export function reset(): void {
  reconcile.mockReset().mockResolvedValue(done());
  register.clear();
}
