import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from '../../../src/domain/clock.js';
import { FaultProxy } from '../../support/fault-proxy/fault-proxy.js';
import type { ApiServer } from '../../support/api-server.js';
import { eventually } from '../../support/eventually.js';
import { InstallationLease } from './lease.js';
import { Member } from './member.js';

const READY_MS = 60_000;

export interface FleetOptions {
  readonly server: ApiServer;
  readonly namespace: string;
  readonly size: number;
  readonly random: Random;
  readonly env?: Readonly<Record<string, string>>;
}

/** The replicas of one installation, each behind a proxy of its own. A process that ends is started again, as a Deployment does. */
export class Fleet {
  readonly members: readonly Member[];
  readonly lease: InstallationLease;
  readonly #busy = new Map<unknown, Promise<void>>();
  readonly #starts = new Map<Member, Promise<void>>();
  #isStopping = false;

  private constructor(members: readonly Member[], lease: InstallationLease) {
    this.members = members;
    this.lease = lease;
  }

  /** Whoever starts it stops it; of one that could not start nothing is left. */
  static async start({ server, namespace, size, random, env = {} }: FleetOptions): Promise<Fleet> {
    const members: Member[] = [];
    const fleet = new Fleet(members, new InstallationLease(server, namespace));
    try {
      for (let index = 0; index < size; index += 1) {
        const proxy = await FaultProxy.start(server, random);
        members.push(new Member({ proxy, namespace, name: `replica-${index}`, env }));
      }
      await Promise.all(members.map((member) => fleet.#revive(member)));
      return fleet;
    } catch (error) {
      await fleet.stop();
      throw error;
    }
  }

  /** Waits until one of them leads. */
  async leader(): Promise<Member> {
    return eventually(async () => {
      const holder = await this.lease.holder();
      const leader = this.members.find(({ name }) => name === holder);
      if (leader === undefined) throw new Error('no replica holds the Lease');
      return leader;
    }, READY_MS);
  }

  /** SIGKILL to one of them; it comes back after that time. */
  async kill(choice: number, backAfterMs: number): Promise<void> {
    const member = this.#choose(choice);
    await this.once(member, async () => {
      await member.end('SIGKILL');
      await pause(backAfterMs);
    });
  }

  /** SIGSTOP to one of them for that time. */
  async freeze(choice: number, ms: number): Promise<void> {
    const member = this.#choose(choice);
    await this.once(member, async () => {
      member.freeze();
      await pause(ms);
      member.thaw();
    });
  }

  /** An orderly stop of one of them, and a new start. */
  async restart(choice: number): Promise<void> {
    const member = this.#choose(choice);
    await this.once(member, () => member.end('SIGTERM'));
  }

  /** Resets the connections of one of them. */
  sever(choice: number): Promise<void> {
    this.#choose(choice).proxy.sever();
    return Promise.resolve();
  }

  /** The next candidate takes the Lease although its holder lives: for a moment, two act as leaders. */
  async freeLease(): Promise<void> {
    await this.lease.steal('');
  }

  /** Somebody who is no replica holds the Lease for that time. */
  async stealLease(ms: number): Promise<void> {
    if (!(await this.lease.steal('thief'))) return;
    await pause(ms);
    // A thief who stayed would hold it until it runs out: that is the kill's case.
    if ((await this.lease.holder()) === 'thief') await this.lease.steal('');
  }

  /** Does one thing at a time to the same target: what comes meanwhile is left out. */
  async once(target: unknown, work: () => Promise<void>): Promise<void> {
    if (this.#busy.has(target)) return;
    const done = work().finally(() => this.#busy.delete(target));
    this.#busy.set(target, done);
    await done;
  }

  /** Waits until every replica runs and is ready. */
  async recover(): Promise<void> {
    await Promise.all(this.#busy.values());
    await Promise.all(this.members.map((member) => eventually(() => member.ready(), READY_MS)));
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.allSettled(this.#starts.values());
    await Promise.all(this.members.map((member) => member.end('SIGTERM')));
    await Promise.all(this.members.map(({ proxy }) => proxy.stop()));
  }

  #choose(choice: number): Member {
    return this.members[Math.floor(choice * this.members.length)]!;
  }

  /** Starts it, and again each time that it has ended and nobody is about to do something else to it. */
  async #revive(member: Member): Promise<void> {
    const started = member.start();
    this.#starts.set(member, started);
    await started;
    void member.ended().then(async () => {
      await this.#busy.get(member);
      if (!this.#isStopping) await this.#revive(member);
    });
  }
}
