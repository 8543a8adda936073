import { boot, bootLeader, closeAll, heldPass, lines, reconcile, reset } from '../../../test/support/manager-scene.js';

describe('probes and metrics', () => {
  beforeEach(reset);

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
