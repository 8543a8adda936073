import { Module } from '@nestjs/common';
import { PrometheusModule } from '@willsoto/nestjs-prometheus';

/** `/metrics`, with Node's own figures. Each feature makes its series in its `*.metrics.ts`. */
@Module({ imports: [PrometheusModule.register({ path: '/metrics', defaultMetrics: { enabled: true } })] })
export class MetricsModule {}
