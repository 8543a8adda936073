import { Global, type INestApplication, Module } from '@nestjs/common';
import { jest } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { LoggerModule } from 'nestjs-pino';
import { register } from 'prom-client';
import { ApiDouble } from '../../../test/support/api-double.js';
import { eventually } from '../../../test/support/eventually.js';
import { FakeClock } from '../../../test/support/fake-clock.js';
import { CLOCK } from '../../domain/clock.js';
import { Config } from '../config/config.js';
import { readConfig } from '../config/config.reader.js';
import { ACCESS_SOURCE } from '../kubernetes/access.js';
import { KubernetesModule } from '../kubernetes/kubernetes.module.js';
import { ManagerModule } from '../manager/manager.module.js';
import { EXIT } from '../manager/manager.tokens.js';
import { done, type Outcome } from '../manager/outcome.js';
import { ReconcilerFor } from '../manager/reconciler.decorator.js';
import type { Reconciler } from '../manager/reconciler.js';
import { MetricsModule } from '../metrics/metrics.module.js';
import { HealthModule } from './health.module.js';

@ReconcilerFor({ name: 'thing', resource: { group: 'example.com', version: 'v1', plural: 'things', kind: 'Thing' } })
class ThingReconciler implements Reconciler {
  reconcile(): Promise<Outcome> {
    return Promise.resolve(done());
  }
}

@Module({ providers: [ThingReconciler] })
class ThingModule {}

const config = {
  provide: Config,
  useFactory: () =>
    readConfig({
      env: { JANGAR_NAMESPACE: 'ns', JANGAR_RUNNER_IMAGE: 'image' },
      serviceAccountNamespace: () => undefined,
      hostname: () => 'pod-1',
    }),
};

@Global()
@Module({ providers: [config], exports: [Config] })
class FixedConfigModule {}

let api: ApiDouble;
let app: INestApplication;
const clock = new FakeClock();
const exit = jest.fn<(code: number) => void>();

/** Answers as an API server that has no things, and where another replica leads. */
async function serve(): Promise<void> {
  const spec = { holderIdentity: 'other', leaseDurationSeconds: 15, renewTime: clock.now().toISOString() };
  for (;;) {
    const request = await api.next();
    if (request.path.includes('/leases')) request.json(200, { metadata: { resourceVersion: '1' }, spec });
    else if (request.query.watch) request.open();
    else request.list('7', []);
  }
}

async function get(path: string): Promise<{ status: number; text: string }> {
  const response = await fetch(`${await app.getUrl()}${path}`, { headers: { connection: 'close' } });
  return { status: response.status, text: await response.text() };
}

const statusesOf = (...paths: string[]) => Promise.all(paths.map(async (path) => (await get(path)).status));

beforeEach(async () => {
  register.clear();
  api = await ApiDouble.start();
  const kubernetes = KubernetesModule.registerAsync({
    useFactory: () => ({ version: '1', watchNamespaces: ['ns'], instance: 'pod-1' }),
  });
  const module = await Test.createTestingModule({
    imports: [
      FixedConfigModule,
      LoggerModule.forRoot({ pinoHttp: { level: 'silent' } }),
      kubernetes,
      ManagerModule,
      HealthModule,
      MetricsModule,
      ThingModule,
    ],
  })
    .overrideProvider(ACCESS_SOURCE)
    .useValue(api)
    .overrideProvider(CLOCK)
    .useValue(clock)
    .overrideProvider(EXIT)
    .useValue(exit)
    .compile();
  app = module.createNestApplication({ logger: false });
  await app.listen(0, '127.0.0.1');
});

afterEach(async () => {
  const closed = app.close();
  await clock.advance(30_000);
  await closed;
  await api.stop();
});

describe('an outage of the API server', () => {
  it('before the first sync keeps a replica out of service, and alive', async () => {
    await api.stop();
    await eventually(async () => expect((await get('/healthz')).text).toContain('NetworkError'));
    expect(await statusesOf('/livez', '/readyz', '/healthz')).toEqual([200, 503, 503]);
  });

  it('after the first sync takes no replica out of service, and can be seen', async () => {
    void serve();
    await eventually(async () => {
      expect((await get('/readyz')).status).toBe(200);
      expect((await get('/healthz')).text).toContain('"watching":true');
    });
    await api.stop();
    await eventually(async () => expect((await get('/healthz')).text).toContain('"watching":false'));
    await clock.advance(180_000);
    expect(await statusesOf('/livez', '/readyz', '/healthz')).toEqual([200, 200, 200]);
    const { details } = JSON.parse((await get('/healthz')).text) as { details: object };
    expect(details).toMatchObject({
      kubernetes: {
        status: 'up',
        silenceLimitMs: 150_000,
        watches: [{ kind: 'Thing', namespace: 'ns', synced: true, watching: false, relists: 0, reconnects: 0 }],
      },
    });
    expect(JSON.stringify(details)).toMatch(/"lastError":"GET things ns: 0 NetworkError/);
    const age = /^jangar_kubernetes_watch_age_seconds\{kind="Thing",namespace="ns"\} (\d+)/m;
    expect(Number(age.exec((await get('/metrics')).text)?.[1])).toBeGreaterThanOrEqual(180);
    expect(exit).not.toHaveBeenCalled();
  });
});
