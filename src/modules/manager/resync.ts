import { Inject, Injectable } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { keyOf } from '../../api/meta/key.js';
import { CLOCK, type Clock, delay, RANDOM, type Random } from '../../domain/clock.js';
import { Config } from '../config/config.js';
import { Informers } from '../kubernetes/informers.js';
import { ManagerMetrics } from './manager.metrics.js';
import type { ReconcileLoop } from './reconcile-loop.js';
import { ReconcilerRegistry } from './reconciler.registry.js';

/** A comparison lists everything, which costs more than the passes of an interval, against a fault that is rare. */
const INTERVALS_PER_COMPARISON = 6;

/**
 * The net below events. Once per interval it wakes every object, in case an event led to too few keys or the world changed
 * without one; less often it compares the caches with the API server, in case a watch has left something out. Each object
 * gets a moment of its own within the interval, so that ten thousand of them are a trickle and not a wave.
 */
@Injectable()
export class Resync {
  readonly #names: string[] = [];
  readonly #stopping = new AbortController();
  #comparing = false;

  constructor(
    private readonly config: Config,
    private readonly scheduler: SchedulerRegistry,
    private readonly registry: ReconcilerRegistry,
    private readonly informers: Informers,
    private readonly metrics: ManagerMetrics,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(RANDOM) private readonly random: Random,
  ) {}

  start(): void {
    const intervalMs = this.config.manager.resyncSeconds * 1000;
    for (const loop of this.registry.loops) {
      this.#every(intervalMs, `resync of ${loop.name}`, () => this.#resync(loop, intervalMs));
    }
    const comparisonMs = INTERVALS_PER_COMPARISON * intervalMs;
    this.#every(comparisonMs, 'comparison of the caches', () => void this.#compare(intervalMs));
  }

  stop(): void {
    this.#stopping.abort();
    for (const name of this.#names.splice(0)) {
      // At shutdown the scheduler may have removed its timers already.
      if (this.scheduler.doesExist('interval', name)) this.scheduler.deleteInterval(name);
    }
  }

  #every(ms: number, name: string, act: () => void): void {
    this.scheduler.addInterval(name, setInterval(act, ms));
    this.#names.push(name);
  }

  #resync(loop: ReconcileLoop, intervalMs: number): void {
    const objects = loop.informer.list();
    for (const { metadata } of objects) loop.queue.resyncAfter(keyOf(metadata), this.random() * intervalMs);
    this.metrics.resynced(loop.name, objects.length);
  }

  async #compare(intervalMs: number): Promise<void> {
    // It waits for watches that are behind, and a slow one may take longer than the interval.
    if (this.#comparing) return;
    this.#comparing = true;
    await delay(this.clock, this.random() * intervalMs, this.#stopping.signal);
    await this.informers.compare(this.#stopping.signal);
    this.#comparing = false;
  }
}
