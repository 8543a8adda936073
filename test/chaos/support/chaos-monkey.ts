import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from '../../../src/domain/clock.js';
import type { HollowCluster } from '../../support/hollow-cluster/hollow-cluster.js';
import { integer } from '../../support/seeded-random.js';
import type { Fleet } from './fleet.js';

/** What is done to processes and servers, beside what the proxies do to requests. */
export type Mischief =
  'kill' | 'freeze' | 'restart' | 'sever' | 'leaseFreed' | 'leaseStolen' | 'compaction' | 'apiServerRestart';

/** What happens how often, of a hundred. */
const SHARES: Readonly<Record<Mischief, number>> = {
  kill: 22,
  freeze: 18,
  restart: 12,
  sever: 10,
  leaseFreed: 16,
  leaseStolen: 6,
  compaction: 10,
  apiServerRestart: 5,
};

const MAX_PAUSE_MS = 1200;
/** The others wait for the Lease of one in three that were killed; else little would happen in the time that there is. */
const LEASE_RUNS_OUT = 1 / 3;

/** Does mischief, drawn from the seed, until its time is over. */
export class ChaosMonkey {
  readonly counts = new Map<Mischief, number>();
  readonly #random: Random;
  readonly #cluster: HollowCluster;
  readonly #fleet: Fleet;

  constructor(random: Random, cluster: HollowCluster, fleet: Fleet) {
    this.#random = random;
    this.#cluster = cluster;
    this.#fleet = fleet;
  }

  async rage(forMs: number): Promise<void> {
    const deadline = Date.now() + forMs;
    const lasting: Promise<void>[] = [];
    while (Date.now() < deadline) {
      await pause(integer(this.#random, 100, MAX_PAUSE_MS));
      const mischief = this.#draw();
      this.counts.set(mischief, (this.counts.get(mischief) ?? 0) + 1);
      lasting.push(this.#do(mischief));
    }
    await Promise.all(lasting);
  }

  #draw(): Mischief {
    const shares = Object.entries(SHARES) as [Mischief, number][];
    let left = this.#random() * shares.reduce((sum, [, share]) => sum + share, 0);
    for (const [mischief, share] of shares) {
      left -= share;
      if (left < 0) return mischief;
    }
    return 'sever';
  }

  async #kill(choice: number, backAfterMs: number, runsOut: boolean): Promise<void> {
    const killed = this.#fleet.kill(choice, backAfterMs);
    if (!runsOut) await this.#fleet.freeLease();
    await killed;
  }

  /** Draws come first: what is drawn must not depend on how long anything takes. */
  async #do(mischief: Mischief): Promise<void> {
    const [choice, ms, runsOut] = [this.#random(), integer(this.#random, 200, 3000), this.#random() < LEASE_RUNS_OUT];
    switch (mischief) {
      case 'kill':
        return this.#kill(choice, ms, runsOut);
      case 'freeze':
        return this.#fleet.freeze(choice, ms);
      case 'restart':
        return this.#fleet.restart(choice);
      case 'sever':
        return this.#fleet.sever(choice);
      case 'leaseFreed':
        return this.#fleet.freeLease();
      case 'leaseStolen':
        return this.#fleet.stealLease(ms);
      case 'compaction':
        return this.#cluster.server.compact();
      case 'apiServerRestart':
        return this.#fleet.once('api server', () => this.#cluster.restartServer());
    }
  }
}
