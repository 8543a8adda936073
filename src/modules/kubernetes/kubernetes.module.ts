import { ConfigurableModuleBuilder, Module, type OnApplicationShutdown } from '@nestjs/common';
import { CLOCK, RANDOM, type Clock } from '../../domain/clock.js';
import { ACCESS_SOURCE } from './access.js';
import { KubernetesClient } from './client.js';
import { Credentials } from './credentials.js';
import { EventRecorder } from './event-recorder.js';
import { Informers } from './informers.js';
import { KUBERNETES_OBSERVER } from './kubernetes-observer.js';
import { KUBERNETES_OPTIONS, type KubernetesOptions } from './kubernetes-options.js';
import { KubernetesHealth } from './kubernetes.health.js';
import { KubernetesMetrics, METRIC_PROVIDERS } from './kubernetes.metrics.js';
import { SystemClock } from './system-clock.js';
import { Transport } from './transport.js';

const { ConfigurableModuleClass } = new ConfigurableModuleBuilder<KubernetesOptions>({
  optionsInjectionToken: KUBERNETES_OPTIONS,
})
  .setExtras({}, (definition) => ({ ...definition, global: true }))
  .build();

/**
 * The only way to the API server. Global, given its options once:
 *
 * @example KubernetesModule.registerAsync({ inject: [Config], useFactory: (config: Config) => ({ … }) })
 */
@Module({
  providers: [
    { provide: CLOCK, useClass: SystemClock },
    { provide: RANDOM, useValue: Math.random },
    {
      provide: ACCESS_SOURCE,
      inject: [KUBERNETES_OPTIONS, CLOCK],
      useFactory: (options: KubernetesOptions, clock: Clock) => new Credentials(options, clock),
    },
    { provide: KUBERNETES_OBSERVER, useExisting: KubernetesMetrics },
    ...METRIC_PROVIDERS,
    KubernetesMetrics,
    KubernetesHealth,
    Transport,
    KubernetesClient,
    Informers,
    EventRecorder,
  ],
  exports: [CLOCK, RANDOM, Transport, KubernetesClient, Informers, EventRecorder, KubernetesHealth],
})
export class KubernetesModule extends ConfigurableModuleClass implements OnApplicationShutdown {
  readonly #informers: Informers;
  readonly #events: EventRecorder;
  readonly #transport: Transport;

  constructor(informers: Informers, events: EventRecorder, transport: Transport) {
    super();
    this.#informers = informers;
    this.#events = events;
    this.#transport = transport;
  }

  /** The last of all stops: what other modules still have to say has been said. */
  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.#informers.stop(), this.#events.stop()]);
    await this.#transport.close();
  }
}
