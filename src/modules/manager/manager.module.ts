import { randomUUID } from 'node:crypto';
import { Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { ScheduleModule } from '@nestjs/schedule';
import { PinoLogger } from 'nestjs-pino';
import { CLOCK, type Clock, RANDOM, type Random } from '../../domain/clock.js';
import { Config } from '../config/config.js';
import { Transport } from '../kubernetes/transport.js';
import { LeaderElector } from './leader-elector.js';
import { LoopFactory } from './loop-factory.js';
import { ManagerHealth } from './manager.health.js';
import { MANAGER_METRIC_PROVIDERS, ManagerMetrics } from './manager.metrics.js';
import { EXIT, type Exit, ROOT_LOGGER } from './manager.tokens.js';
import { Manager } from './manager.js';
import { passLogger } from './pass-logger.js';
import { PassScope } from './pass-scope.js';
import { ReconcilerExplorer } from './reconciler.explorer.js';
import { ReconcilerRegistry } from './reconciler.registry.js';
import { Resync } from './resync.js';
import { StatusWriter } from './status-writer.js';

const exit: Exit = (code) => process.exit(code);

function createElector(
  { kubernetes, leaderElection }: Config,
  transport: Transport,
  clock: Clock,
  random: Random,
  root: PinoLogger,
): LeaderElector {
  return new LeaderElector({
    transport,
    clock,
    random,
    logger: passLogger(root.logger, { context: LeaderElector.name }),
    namespace: kubernetes.namespace,
    leaseName: leaderElection.leaseName,
    // As client-go: a pod that restarts must not take its former life's leadership for its own.
    identity: `${leaderElection.identity}_${randomUUID()}`,
  });
}

/** Runs whatever is marked by `@ReconcilerFor`, in any module. Global, because every feature writes statuses. */
@Global()
@Module({
  imports: [DiscoveryModule, ScheduleModule.forRoot()],
  providers: [
    { provide: EXIT, useValue: exit },
    { provide: ROOT_LOGGER, inject: [PinoLogger], useFactory: ({ logger }: PinoLogger) => logger },
    { provide: LeaderElector, inject: [Config, Transport, CLOCK, RANDOM, PinoLogger], useFactory: createElector },
    ...MANAGER_METRIC_PROVIDERS,
    ManagerMetrics,
    ReconcilerRegistry,
    LoopFactory,
    PassScope,
    ReconcilerExplorer,
    Resync,
    StatusWriter,
    Manager,
    ManagerHealth,
  ],
  exports: [StatusWriter, ManagerHealth],
})
export class ManagerModule {}
