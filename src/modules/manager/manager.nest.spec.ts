import { jest } from '@jest/globals';
import type { LeaseServer } from '../../../test/support/lease-server.js';
import {
  boot,
  bootLeader,
  closeAll,
  heldPass,
  lines,
  reconcile,
  reset,
  thing,
} from '../../../test/support/manager-scene.js';

const holderOf = (lease: LeaseServer) => lease.lease?.spec?.holderIdentity;

describe('Manager', () => {
  beforeEach(reset);

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
});
