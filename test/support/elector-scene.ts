import { expect, jest } from '@jest/globals';
import type { TransportRequest } from '../../src/modules/kubernetes/transport.js';
import type { Lease } from '../../src/modules/kubernetes/wire.js';
import { LeaderElector, type LeadershipHandlers } from '../../src/modules/manager/leader-elector.js';
import { FakeClock } from './fake-clock.js';
import { LeaseServer } from './lease-server.js';

/** An elector on a fake clock and server. */
export function setUp(clock = new FakeClock(), server = new LeaseServer(), identity = 'me') {
  const logger = { info: jest.fn(), warn: jest.fn(), debug: jest.fn() };
  const link = { up: true, slownessMs: [] as number[] };
  const request = async (sent: TransportRequest) => {
    await new Promise<void>((resolve) => {
      const ms = link.slownessMs.shift() ?? 0;
      if (ms > 0) clock.setTimer(ms, resolve);
      else resolve();
    });
    return link.up ? server.request(sent) : server.unreachable(sent);
  };
  const random = jest.fn(() => 0);
  const elector = new LeaderElector({
    transport: { request },
    clock,
    random,
    logger,
    namespace: 'ns',
    leaseName: 'l',
    identity,
  });
  const handlers = {
    onAcquired: jest.fn<LeadershipHandlers['onAcquired']>(),
    onLost: jest.fn<LeadershipHandlers['onLost']>(),
  };
  return { clock, server, link, random, elector, logger, handlers };
}

/** One that leads already. */
export async function leading(setup = setUp()) {
  setup.elector.start(setup.handlers);
  await setup.clock.advance(0);
  expect(setup.handlers.onAcquired).toHaveBeenCalledTimes(1);
  return setup;
}

/** What another process's write leaves behind. */
export function steal(server: LeaseServer, holderIdentity: string): void {
  const stolen = structuredClone(server.lease) as Lease;
  const metadata = { ...stolen.metadata, resourceVersion: '99' };
  server.lease = { ...stolen, metadata, spec: { ...stolen.spec, holderIdentity, leaseDurationSeconds: 15 } };
}

export const holderOf = (server: LeaseServer) => server.lease?.spec?.holderIdentity;
