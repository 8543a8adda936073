import { Inject, Injectable } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { keyOf } from '../../api/meta/key.js';
import { RANDOM, type Random } from '../../domain/clock.js';
import { Config } from '../config/config.js';
import { ManagerMetrics } from './manager.metrics.js';
import type { ReconcileLoop } from './reconcile-loop.js';
import { ReconcilerRegistry } from './reconciler.registry.js';

/**
 * Wakes every object once per interval, in case an event was lost or the world changed without one. Each gets a moment of
 * its own within the interval, so that ten thousand of them are a trickle and not a wave.
 */
@Injectable()
export class Resync {
  readonly #names: string[] = [];

  constructor(
    private readonly config: Config,
    private readonly scheduler: SchedulerRegistry,
    private readonly registry: ReconcilerRegistry,
    private readonly metrics: ManagerMetrics,
    @Inject(RANDOM) private readonly random: Random,
  ) {}

  start(): void {
    const intervalMs = this.config.manager.resyncSeconds * 1000;
    for (const loop of this.registry.loops) {
      const name = `resync of ${loop.name}`;
      const timer = setInterval(() => this.#resync(loop, intervalMs), intervalMs);
      this.scheduler.addInterval(name, timer);
      this.#names.push(name);
    }
  }

  stop(): void {
    for (const name of this.#names.splice(0)) {
      // At shutdown the scheduler may have removed its timers already.
      if (this.scheduler.doesExist('interval', name)) this.scheduler.deleteInterval(name);
    }
  }

  #resync(loop: ReconcileLoop, intervalMs: number): void {
    const objects = loop.informer.list();
    for (const { metadata } of objects) loop.queue.resyncAfter(keyOf(metadata), this.random() * intervalMs);
    this.metrics.resynced(loop.name, objects.length);
  }
}
