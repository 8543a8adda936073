import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { parseKey } from '../../api/meta/key.js';
import type { KubernetesObject } from '../../api/meta/object.js';
import { CLOCK, type Clock, RANDOM, type Random } from '../../domain/clock.js';
import { Config } from '../config/config.js';
import { Informers } from '../kubernetes/informers.js';
import { LeaderElector } from './leader-elector.js';
import { ManagerMetrics } from './manager.metrics.js';
import { ROOT_LOGGER } from './manager.tokens.js';
import { passLogger } from './pass-logger.js';
import { PassScope } from './pass-scope.js';
import { ReconcileLoop } from './reconcile-loop.js';
import type { ReconcilerOptions } from './reconciler.decorator.js';
import type { Reconciler } from './reconciler.js';
import { WorkQueue } from './work-queue.js';

/** What failed together must not come back together. */
const BACK_OFF_JITTER = 0.2;

/** Makes the loop of a reconciler from the process's own parts. */
@Injectable()
export class LoopFactory {
  constructor(
    private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(RANDOM) private readonly random: Random,
    @Inject(ROOT_LOGGER) private readonly logger: Logger,
    private readonly informers: Informers,
    private readonly elector: LeaderElector,
    private readonly metrics: ManagerMetrics,
    private readonly scope: PassScope,
  ) {}

  create(options: ReconcilerOptions<KubernetesObject>, reconciler: Reconciler): ReconcileLoop {
    const { clock, random, scope } = this;
    const { backOff, concurrency, passTimeoutSeconds } = this.config.manager;
    const observer = this.metrics.forReconciler(options.name, options.resource.kind);
    return new ReconcileLoop({
      name: options.name,
      informer: this.informers.register(options.resource, {}),
      reconciler,
      watches: reconciler.watches?.() ?? [],
      concurrency,
      passTimeoutMs: passTimeoutSeconds * 1000,
      queue: new WorkQueue({
        clock,
        random,
        backOff: { ...backOff, jitter: BACK_OFF_JITTER },
        observer,
        mayResync: (key) => this.informers.areUpToDate(parseKey(key).namespace),
      }),
      clock,
      newId: randomUUID,
      createLogger: (fields) => passLogger(this.logger, fields),
      scope,
      onPass: (result, durationMs) => observer.passed(result, durationMs),
      onHealed: () => observer.healed(),
      mayRun: () => this.elector.isLeading(),
    });
  }
}
