import { holderOf, leading, setUp } from '../../../test/support/elector-scene.js';
import type { Fault } from '../../../test/support/lease-server.js';

describe('LeaderElector.stop', () => {
  it('releases the Lease on stop, so that the next candidate leads at its next try', async () => {
    const { clock, server, elector, handlers } = await leading();
    const second = setUp(clock, server, 'other');
    second.elector.start(second.handlers);
    await clock.advance(1000);
    await elector.stop({ release: true });
    expect(holderOf(server)).toBe('');
    expect(elector.isLeading()).toBe(false);
    expect(handlers.onLost).not.toHaveBeenCalled();
    await clock.advance(1200);
    expect(second.handlers.onAcquired).toHaveBeenCalledTimes(1);
  });

  it('stops without touching the Lease of somebody else', async () => {
    const first = await leading();
    const second = setUp(first.clock, first.server, 'other');
    second.elector.start(second.handlers);
    await first.clock.advance(0);
    await second.elector.stop({ release: true });
    expect(holderOf(first.server)).toBe('me');
  });

  it('keeps the Lease to its end when something of it may still run', async () => {
    const { clock, server, elector, handlers } = await leading();
    await elector.stop({ release: false });
    expect(holderOf(server)).toBe('me');
    expect(elector.isLeading()).toBe(false);
    await clock.advance(60_000);
    expect(handlers.onLost).not.toHaveBeenCalled();
  });

  it.each([
    [undefined, 'conflict'],
    ['network', 'network'],
    [undefined, 'unanswered'],
  ] as const)('releases the Lease although not everything goes well (%s, %s)', async (...faults) => {
    const { server, elector, logger } = await leading();
    server.faults.push(...faults);
    await elector.stop({ release: true });
    expect(holderOf(server)).toBe('');
    expect(logger.warn).not.toHaveBeenCalled();
  });

  it('gives up the release when it goes on failing', async () => {
    const { server, elector, logger } = await leading();
    server.requests.length = 0;
    server.faults.push(...Array<Fault>(5).fill('network'));
    await elector.stop({ release: true });
    expect(server.requests).toHaveLength(3);
    expect(logger.warn).toHaveBeenCalledTimes(1);
  });
});
