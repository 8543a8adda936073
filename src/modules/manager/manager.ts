import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import type { Logger } from 'pino';
import { CLOCK, type Clock, delay } from '../../domain/clock.js';
import { Config } from '../config/config.js';
import { KubernetesClient } from '../kubernetes/client.js';
import { Informers } from '../kubernetes/informers.js';
import { LeaderElector } from './leader-elector.js';
import { EXIT, type Exit, ROOT_LOGGER } from './manager.tokens.js';
import { PassScope } from './pass-scope.js';
import { ReconcilerExplorer } from './reconciler.explorer.js';
import { ReconcilerRegistry } from './reconciler.registry.js';
import { Resync } from './resync.js';

/** How long aborted passes may take to notice. */
const ABORT_MS = 5000;

export type ManagerState = 'syncing' | 'ready' | 'stopping';

/** Starts and stops everything that reconciles, in the one order that is safe. */
@Injectable()
export class Manager implements OnApplicationBootstrap, OnModuleDestroy, BeforeApplicationShutdown {
  #state: ManagerState = 'syncing';
  readonly #stopping = new AbortController();
  readonly #ended = new AbortController();

  constructor(
    private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(ROOT_LOGGER) private readonly logger: Logger,
    @Inject(EXIT) private readonly exit: Exit,
    private readonly client: KubernetesClient,
    private readonly informers: Informers,
    private readonly elector: LeaderElector,
    private readonly explorer: ReconcilerExplorer,
    private readonly registry: ReconcilerRegistry,
    private readonly resync: Resync,
    private readonly scope: PassScope,
  ) {}

  get state(): ManagerState {
    return this.#state;
  }

  onApplicationBootstrap(): void {
    // A process that was frozen past its lease may come to in the middle of a pass: it must not write what it had in hand.
    this.client.onBeforeWrite(() => void this.elector.isLeading());
    this.client.onWrite((write) => this.scope.onWrite(write));
    // Loops before informers: a kind that is registered later would never be listed.
    this.explorer.explore();
    this.informers.start(this.#ended.signal);
    // Not awaited: Nest listens after this hook, and `/livez` must answer while a large cluster is being listed.
    void this.#campaignOnceSynced();
  }

  /** Nest's first stop hook: not ready from here on, so that no probe sends work while the rest winds down. */
  onModuleDestroy(): void {
    this.#state = 'stopping';
    this.logger.info('stopping: no further pass begins');
    this.#stopping.abort(new Error('the process stops'));
    // Before the grace: a resync would fill queues that nobody serves.
    this.resync.stop();
    // Before the grace, too: it is for what runs, not for what could be begun.
    for (const loop of this.registry.loops) loop.stopTaking();
  }

  /** Before Nest closes HTTP: probes and metrics answer until the passes are over. */
  async beforeApplicationShutdown(): Promise<void> {
    const graceMs = this.config.manager.shutdownGraceSeconds * 1000;
    let drained = await this.#drainedWithin(graceMs);
    if (!drained) {
      for (const loop of this.registry.loops) loop.abort();
      drained = await this.#drainedWithin(ABORT_MS);
    }
    // Last: as soon as the Lease is free another process writes, so nothing of ours may run any more. A pass that ignores
    // its abort keeps the Lease until it runs out.
    await this.elector.stop({ release: drained });
    // After the passes: they read these caches.
    this.#ended.abort();
  }

  async #campaignOnceSynced(): Promise<void> {
    try {
      await this.informers.waitForSync(this.#stopping.signal);
    } catch {
      // Stopped before everything was listed.
      return;
    }
    if (this.#stopping.signal.aborted) return;
    this.#state = 'ready';
    this.logger.info('all caches are complete');
    // After the sync: a leader with half a cache would take what it cannot see for missing.
    this.elector.start({
      onAcquired: () => this.#lead(),
      onLost: (reason) => this.#abdicate(reason),
    });
  }

  #lead(): void {
    // Won during the grace, it is only won to be released.
    if (this.#state === 'stopping') return;
    for (const loop of this.registry.loops) loop.start();
    this.resync.start();
  }

  /** Somebody else may lead already. A clean stop takes time that a second writer would share. */
  #abdicate(reason: string): void {
    for (const loop of this.registry.loops) {
      loop.stopTaking();
      loop.abort();
    }
    this.logger.fatal({ reason }, 'leadership is lost: the process ends');
    this.exit(1);
  }

  /** Whether all passes ended within that time. */
  async #drainedWithin(ms: number): Promise<boolean> {
    let drained = false;
    const timeout = new AbortController();
    void Promise.all(this.registry.loops.map((loop) => loop.drained())).then(() => {
      drained = true;
      timeout.abort();
    });
    await delay(this.clock, ms, timeout.signal);
    return drained;
  }
}
