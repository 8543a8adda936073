import { Test } from '@nestjs/testing';
import { PrometheusModule } from '@willsoto/nestjs-prometheus';
import { register } from 'prom-client';
import { ApiDouble } from '../../../test/support/api-double.js';
import { CLOCK } from '../../domain/clock.js';
import { ACCESS_SOURCE } from './access.js';
import { KubernetesClient } from './client.js';
import { EventRecorder } from './event-recorder.js';
import { Informers } from './informers.js';
import { KubernetesHealth } from './kubernetes.health.js';
import { KubernetesModule } from './kubernetes.module.js';
import { CONFIG_MAPS } from './resource.js';
import { SystemClock } from './system-clock.js';

let api: ApiDouble;

beforeEach(async () => {
  register.clear();
  api = await ApiDouble.start();
});

afterEach(() => api.stop());

async function boot() {
  const kubernetes = KubernetesModule.registerAsync({
    useFactory: () => ({ version: '1', watchNamespaces: ['a'], instance: 'jangar-0' }),
  });
  const builder = Test.createTestingModule({ imports: [kubernetes, PrometheusModule.register()] });
  return (await builder.overrideProvider(ACCESS_SOURCE).useValue(api).compile()).init();
}

describe('KubernetesModule', () => {
  it('gives everybody the client, the informers, the recorder and the clock', async () => {
    const app = await boot();
    expect(app.get(CLOCK)).toBeInstanceOf(SystemClock);
    expect(app.get(EventRecorder)).toBeInstanceOf(EventRecorder);
    const read = app.get(KubernetesClient).get(CONFIG_MAPS, 'a', 'one', new AbortController().signal);
    (await api.next()).status(404, 'NotFound');
    expect(await read).toBeUndefined();
    await app.close();
  });

  it('is healthy once all caches are complete, and stays so', async () => {
    const app = await boot();
    const informers = app.get(Informers);
    informers.register(CONFIG_MAPS, {});
    informers.start(new AbortController().signal);
    expect(app.get(KubernetesHealth).check().kubernetes.status).toBe('down');
    (await api.next()).list('7', []);
    (await api.next()).status(500, 'InternalError');
    expect(app.get(KubernetesHealth).check().kubernetes).toMatchObject({
      status: 'up',
      silenceLimitMs: 150_000,
      watches: [{ kind: 'ConfigMap', namespace: 'a', synced: true }],
    });
    await app.close();
  });

  it('measures requests, events and watches', async () => {
    const app = await boot();
    const informers = app.get(Informers);
    informers.register(CONFIG_MAPS, {});
    informers.start(new AbortController().signal);
    (await api.next()).list('7', []);
    await api.next();
    const metrics = await register.metrics();
    expect(metrics).toContain('jangar_kubernetes_requests_total{verb="list",code="200"} 1');
    expect(metrics).toContain('jangar_kubernetes_requests_total{verb="create",code="0"} 0');
    expect(metrics).toContain('jangar_kubernetes_request_duration_seconds_count{verb="list"} 1');
    expect(metrics).toContain('jangar_kubernetes_events_total{result="dropped"} 0');
    expect(metrics).toContain('jangar_kubernetes_watch_synced{kind="ConfigMap",namespace="a"} 1');
    expect(metrics).toMatch(/jangar_kubernetes_watch_age_seconds\{kind="ConfigMap",namespace="a"\} 0\.\d/);
    expect(metrics).toContain('jangar_kubernetes_relists_total{kind="ConfigMap",namespace="a"} 0');
    expect(metrics).toContain('jangar_kubernetes_reconnects_total{kind="ConfigMap",namespace="a"} 0');
    expect(metrics).toContain('jangar_kubernetes_watch_silences_total{kind="ConfigMap",namespace="a"} 0');
    await app.close();
  });

  it('ends its watches and closes its connections with the application', async () => {
    const app = await boot();
    const informers = app.get(Informers);
    informers.register(CONFIG_MAPS, {});
    informers.start(new AbortController().signal);
    (await api.next()).list('7', []);
    const watch = (await api.next()).open();
    await app.close();
    await watch.closed();
    const read = app.get(KubernetesClient).get(CONFIG_MAPS, 'a', 'one', new AbortController().signal);
    await expect(read).rejects.toMatchObject({ reason: 'NetworkError' });
  });
});
