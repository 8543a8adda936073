import { jest } from '@jest/globals';
import { holderOf, leading, setUp, steal } from '../../../test/support/elector-scene.js';
import { FakeClock } from '../../../test/support/fake-clock.js';
import type { Fault } from '../../../test/support/lease-server.js';
import { CONNECT_TIMEOUT_MS } from '../kubernetes/lanes.js';
import { LEASE_TIMING } from './lease.plan.js';

describe('LeaderElector', () => {
  it('creates the Lease on its own connection and leads', async () => {
    const { server, elector } = await leading();
    expect(holderOf(server)).toBe('me');
    expect(elector.isLeading()).toBe(true);
    expect(server.requests.map(({ method, lane }) => [method, lane])).toEqual([
      ['GET', 'lease'],
      ['POST', 'lease'],
    ]);
  });

  it('renews every two seconds with one request', async () => {
    const { clock, server, elector } = await leading();
    server.requests.length = 0;
    await clock.advance(60_000);
    expect(server.requests.map(({ method }) => method)).toEqual(Array(30).fill('PUT'));
    expect(elector.isLeading()).toBe(true);
  });

  it('waits while somebody else renews', async () => {
    const { clock, server } = await leading();
    const second = setUp(clock, server, 'other');
    second.elector.start(second.handlers);
    await clock.advance(60_000);
    expect(second.handlers.onAcquired).not.toHaveBeenCalled();
    expect(holderOf(server)).toBe('me');
  });

  it('leads once the holder has been silent for 15 s, counted from when it first saw the Lease', async () => {
    const { server } = await leading();
    const second = setUp(new FakeClock(), server, 'other');
    second.elector.start(second.handlers);
    await second.clock.advance(14_999);
    expect(second.handlers.onAcquired).not.toHaveBeenCalled();
    await second.clock.advance(1);
    expect(second.handlers.onAcquired).toHaveBeenCalledTimes(1);
    expect(server.lease?.spec?.leaseTransitions).toBe(1);
  });

  it('looks about once a second, with reads alone, while somebody else renews', async () => {
    const { clock, server } = await leading();
    const second = setUp(clock, server, 'other');
    second.random.mockReturnValue(0.5);
    second.elector.start(second.handlers);
    await clock.advance(0);
    server.requests.length = 0;
    await clock.advance(10_000);
    const methods = server.requests.map(({ method }) => method);
    expect(methods.filter((method) => method === 'GET')).toHaveLength(10);
    expect(methods.filter((method) => method !== 'GET')).toEqual(Array(5).fill('PUT'));
  });

  it.each([0, 0.25, 0.5, 0.75, 0.999])(
    'leads within 16.5 s after the holder died, whenever it happened to look (jitter %d)',
    async (jitter) => {
      const first = await leading();
      const second = setUp(first.clock, first.server, 'other');
      second.random.mockReturnValue(jitter);
      await first.clock.advance(2000 * jitter);
      second.elector.start(second.handlers);
      await first.clock.advance(20_000);
      first.link.up = false;
      await first.clock.advance(16_500);
      expect(second.elector.isLeading()).toBe(true);
    },
  );

  it('comes back after a while, and not at once, when another candidate was quicker to take the Lease', async () => {
    const { server } = await leading();
    const { clock, elector, handlers, link } = setUp(new FakeClock(), server, 'slow');
    elector.start(handlers);
    await clock.advance(14_500);
    link.slownessMs.push(0, 200);
    await clock.advance(600);
    steal(server, 'quick');
    server.requests.length = 0;
    await clock.advance(900);
    expect(server.requests.map(({ method }) => method)).toEqual(['PUT', 'GET']);
    expect(handlers.onAcquired).not.toHaveBeenCalled();
    expect(holderOf(server)).toBe('quick');
  });

  it('never lets two lead at once when the leader is cut off and another takes over', async () => {
    const first = await leading();
    const second = setUp(first.clock, first.server, 'other');
    second.elector.start(second.handlers);
    await first.clock.advance(3000);
    first.link.up = false;
    const together: boolean[] = [];
    for (let step = 0; step < 60; step += 1) {
      await first.clock.advance(500);
      together.push(first.elector.isLeading() && second.elector.isLeading());
    }
    expect(together).not.toContain(true);
    expect(second.elector.isLeading()).toBe(true);
    expect(first.handlers.onLost).toHaveBeenCalledWith('it was not renewed in time');
  });

  it('does not lead on a claim whose answer came too late, but on one made after it', async () => {
    const { clock, server, elector, handlers } = setUp();
    const claims: string[] = [];
    handlers.onAcquired.mockImplementation(() => void claims.push(...server.requests.map(({ method }) => method)));
    const frozen = jest.spyOn(clock, 'monotonicMs');
    elector.start(handlers);
    frozen.mockReturnValue(20_000);
    await clock.advance(0);
    expect(claims).toEqual(['GET', 'POST', 'GET', 'PUT']);
  });

  it('counts its time from before a renewal was sent, however late the answer came', async () => {
    const { clock, link, elector, handlers } = await leading();
    // Sent after 2 s and answered after 6 s; the next one hangs.
    link.slownessMs.push(4000, 5000);
    await clock.advance(6000);
    link.up = false;
    await clock.advance(5999);
    expect(elector.isLeading()).toBe(true);
    await clock.advance(1);
    expect(handlers.onLost.mock.calls).toEqual([['it was not renewed in time']]);
  });

  it('keeps leading through failures shorter than the renew deadline, and says so once', async () => {
    const { clock, server, elector, handlers, logger } = await leading();
    server.faults.push('network', 'network', 'network');
    await clock.advance(8500);
    expect(elector.isLeading()).toBe(true);
    expect(handlers.onLost).not.toHaveBeenCalled();
    expect(logger.warn).toHaveBeenCalledTimes(1);
    expect(elector.health()).toEqual({ leading: true, holder: 'me' });
  });

  it('asks again at once after a renewal that took all the time it had', async () => {
    const { clock, server, link, elector, handlers } = await leading();
    link.slownessMs.push(5000, 2500);
    server.faults.push('network');
    await clock.advance(12_000);
    expect(handlers.onLost).not.toHaveBeenCalled();
    expect(elector.isLeading()).toBe(true);
  });

  it('has the time for two connections that are never made, to an API server that just died, and for a third', () => {
    const { retryPeriodMs, renewDeadlineMs } = LEASE_TIMING;
    // undici's timers are late by up to half a second.
    expect(retryPeriodMs + 2 * (CONNECT_TIMEOUT_MS.lease + 500)).toBeLessThan(renewDeadlineMs);
  });

  it('goes on when its renewal arrived although the answer did not', async () => {
    const { clock, server, elector, handlers } = await leading();
    server.faults.push('unanswered');
    await clock.advance(30_000);
    expect(elector.isLeading()).toBe(true);
    expect(handlers.onLost).not.toHaveBeenCalled();
  });

  it('is not lost because its renewals conflict, while it reads the Lease as its own', async () => {
    const { clock, server, elector, handlers } = await leading();
    server.faults.push('conflict', undefined, 'conflict', 'conflict', undefined, 'conflict');
    await clock.advance(6000);
    expect(elector.health()).toEqual({ leading: true, holder: 'me' });
    expect(handlers.onLost).not.toHaveBeenCalled();
  });

  it('is lost when its renewals conflict until the deadline', async () => {
    const { clock, server, elector, handlers } = await leading();
    server.faults.push(...Array.from({ length: 5 }, () => ['conflict', undefined, 'conflict'] as const).flat());
    await clock.advance(9999);
    expect(elector.isLeading()).toBe(true);
    await clock.advance(1);
    expect(handlers.onLost).toHaveBeenCalledWith('it was not renewed in time');
  });

  it('reads the Lease after a conflict whose explanation was cut off', async () => {
    const { clock, server, elector } = await leading();
    server.faults.push('unanswered', 'garbled');
    server.requests.length = 0;
    await clock.advance(4000);
    expect(server.requests.map(({ method }) => method)).toEqual(['PUT', 'PUT', 'GET', 'PUT']);
    expect(elector.health()).toEqual({ leading: true, holder: 'me' });
  });

  it('makes the Lease again when it was deleted', async () => {
    const { clock, server, elector } = await leading();
    server.lease = undefined;
    await clock.advance(2000);
    expect(holderOf(server)).toBe('me');
    expect(elector.isLeading()).toBe(true);
  });

  it('is lost at once when somebody else is the holder', async () => {
    const { clock, server, elector, handlers } = await leading();
    steal(server, 'thief');
    await clock.advance(2000);
    expect(handlers.onLost).toHaveBeenCalledWith('somebody else holds it');
    expect(elector.isLeading()).toBe(false);
  });

  it('is lost ten seconds after the last renewal was sent, even when no timer ran meanwhile', async () => {
    const { clock, elector, handlers } = await leading();
    // A process that was frozen: time has passed, but nothing has run.
    jest.spyOn(clock, 'monotonicMs').mockReturnValue(10_000);
    expect(elector.isLeading()).toBe(false);
    expect(handlers.onLost).toHaveBeenCalledTimes(1);
  });

  it('does not campaign again after it was lost: the process ends', async () => {
    const { clock, server, handlers } = await leading();
    server.faults.push(...Array<Fault>(10).fill('network'));
    await clock.advance(10_000);
    expect(handlers.onLost).toHaveBeenCalledTimes(1);
    server.requests.length = 0;
    await clock.advance(60_000);
    expect(server.requests).toEqual([]);
    expect(clock.pending()).toEqual([]);
  });

  it('tells why it cannot campaign', async () => {
    const { clock, server, elector, handlers } = setUp();
    server.faults.push('network');
    elector.start(handlers);
    await clock.advance(0);
    expect(elector.health()).toEqual({ leading: false, holder: '', lastError: 'GET leases ns/l: 0 NetworkError' });
  });
});
