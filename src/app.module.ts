import { Module } from '@nestjs/common';
import { LoggerModule } from 'nestjs-pino';
import { AgentModule } from './modules/agent/agent.module.js';
import { AgentRunModule } from './modules/agent-run/agent-run.module.js';
import { Config } from './modules/config/config.js';
import { ConfigModule } from './modules/config/config.module.js';
import { loggerOptions } from './modules/config/logger-options.js';
import { HealthModule } from './modules/health/health.module.js';
import { KubernetesModule } from './modules/kubernetes/kubernetes.module.js';
import type { KubernetesOptions } from './modules/kubernetes/kubernetes-options.js';
import { ManagerModule } from './modules/manager/manager.module.js';
import { MetricsModule } from './modules/metrics/metrics.module.js';

/** Set by the bundler; a process that runs from `dist` has no release. */
declare const JANGAR_VERSION: string | undefined;

function kubernetesOptions({ kubernetes, leaderElection }: Config): KubernetesOptions {
  const { namespace, watchNamespaces } = kubernetes;
  return {
    version: typeof JANGAR_VERSION === 'string' ? JANGAR_VERSION : 'dev',
    watchNamespaces: watchNamespaces === 'own' ? [namespace] : watchNamespaces,
    instance: leaderElection.identity,
  };
}

/** The composition root. */
@Module({
  imports: [
    ConfigModule,
    LoggerModule.forRootAsync({ inject: [Config], useFactory: loggerOptions }),
    KubernetesModule.registerAsync({ inject: [Config], useFactory: kubernetesOptions }),
    ManagerModule,
    HealthModule,
    MetricsModule,
    AgentModule,
    AgentRunModule,
  ],
})
export class AppModule {}
