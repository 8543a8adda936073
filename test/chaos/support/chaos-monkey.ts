import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from '../../../src/domain/clock.js';
import type { ApiServer } from '../../support/api-server.js';
import { integer } from '../../support/seeded-random.js';
import type { Fleet } from './fleet.js';

/** What is done to processes and servers, beside what the proxies do to requests. */
export type Mischief =
  'kill' | 'freeze' | 'restart' | 'sever' | 'leaseFreed' | 'leaseStolen' | 'compaction' | 'apiServerRestart';

/** What happens how often, of a hundred. */
const SHARES: Readonly<Record<Mischief, number>> = {
  kill: 26,
  freeze: 20,
  restart: 12,
  sever: 10,
  leaseFreed: 12,
  leaseStolen: 6,
  compaction: 9,
  apiServerRestart: 5,
};

const MAX_PAUSE_MS = 1200;

/** Does mischief, drawn from the seed, until its time is over. */
export class ChaosMonkey {
  readonly counts = new Map<Mischief, number>();
  readonly #random: Random;
  readonly #server: ApiServer;
  readonly #fleet: Fleet;

  constructor(random: Random, server: ApiServer, fleet: Fleet) {
    this.#random = random;
    this.#server = server;
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

  /** Draws come first: what is drawn must not depend on how long anything takes. */
  async #do(mischief: Mischief): Promise<void> {
    const [choice, ms] = [this.#random(), integer(this.#random, 200, 3000)];
    switch (mischief) {
      case 'kill':
        return this.#fleet.kill(choice, ms);
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
        return this.#server.compact();
      case 'apiServerRestart':
        return this.#fleet.once('api server', () => this.#server.restart());
    }
  }
}
