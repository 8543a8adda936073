import { Credentials } from '../../src/modules/kubernetes/credentials.js';
import { Transport, type TransportRequest } from '../../src/modules/kubernetes/transport.js';
import { LeaderElector } from '../../src/modules/manager/leader-elector.js';
import type { ApiServerHandle } from './api-server.js';
import { FaultProxy, type Injection } from './fault-proxy/fault-proxy.js';
import type { Random } from '../../src/domain/clock.js';
import type { VirtualTime } from './virtual-time.js';

export interface CandidateOptions {
  readonly server: ApiServerHandle;
  readonly time: VirtualTime;
  readonly namespace: string;
  readonly leaseName: string;
  readonly identity: string;
  /** For the spread of its looks, and for faults at random. */
  readonly random: Random;
}

/** An elector with a connection of its own to a real API server, through a proxy of its own, in virtual time. */
export class Candidate {
  readonly proxy: FaultProxy;
  readonly transport: Transport;
  readonly elector: LeaderElector;
  readonly lost: string[] = [];
  readonly warnings: string[] = [];
  acquiredAtMs: number | undefined;
  lostAtMs: number | undefined;
  readonly #time: VirtualTime;

  private constructor(options: CandidateOptions, proxy: FaultProxy) {
    const { time, namespace, leaseName, identity, random } = options;
    this.proxy = proxy;
    this.#time = time;
    const credentials = new Credentials({ kubeconfig: proxy.kubeconfigPath }, time.clock);
    const observer = { requested: () => undefined };
    this.transport = new Transport(credentials, time.clock, observer, { version: 'test' });
    const note = ({ reason }: { reason?: unknown }): void => void this.warnings.push(String(reason));
    this.elector = new LeaderElector({
      transport: { request: (request) => this.#request(request) },
      clock: time.clock,
      random,
      logger: { info: () => undefined, debug: note, warn: note },
      namespace,
      leaseName,
      identity,
    });
  }

  /** Whoever makes one ends it. */
  static async create(options: CandidateOptions): Promise<Candidate> {
    return new Candidate(options, await FaultProxy.start(options.server, options.random));
  }

  campaign(): this {
    const { clock } = this.#time;
    this.elector.start({
      onAcquired: () => (this.acquiredAtMs = clock.monotonicMs()),
      onLost: (reason) => {
        this.lost.push(reason);
        this.lostAtMs = clock.monotonicMs();
      },
    });
    return this;
  }

  /** From now on nothing it asks about Leases is answered; not even refused. */
  silence(): Injection {
    return this.proxy.inject({ resource: 'leases' }, { kind: 'halfOpen' }, Infinity);
  }

  /** Leaves as a process does that was told to. */
  async leave(): Promise<void> {
    await this.#time.hold(this.elector.stop({ release: true }));
  }

  async end(): Promise<void> {
    await Promise.all([this.elector.stop({ release: false }), this.transport.close()]);
    await this.proxy.stop();
  }

  #request(request: TransportRequest): Promise<unknown> {
    // An elector sends one request at a time, so the one that is hit is this one.
    const unanswered = (): number => this.proxy.counts.get('halfOpen') ?? 0;
    const before = unanswered();
    return this.#time.hold(this.transport.request(request), () => unanswered() > before);
  }
}
