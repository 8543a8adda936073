import { Controller, Get } from '@nestjs/common';
import { HealthCheck, type HealthCheckResult, HealthCheckService } from '@nestjs/terminus';
import { KubernetesHealth } from '../kubernetes/kubernetes.health.js';
import { ManagerHealth } from '../manager/manager.health.js';

/** Probes. Everything is answered from memory: a probe that asks somebody else fails when they are slow. */
@Controller()
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly manager: ManagerHealth,
    private readonly kubernetes: KubernetesHealth,
  ) {}

  /** Fails when only a restart can help. */
  @Get('livez')
  @HealthCheck()
  livez(): Promise<HealthCheckResult> {
    return this.health.check([() => this.manager.liveness()]);
  }

  /** Fails before the first complete sync and while the process stops. */
  @Get('readyz')
  @HealthCheck()
  readyz(): Promise<HealthCheckResult> {
    return this.health.check([() => this.manager.readiness()]);
  }

  /** Everything there is to know, for people. */
  @Get('healthz')
  @HealthCheck()
  healthz(): Promise<HealthCheckResult> {
    return this.health.check([
      () => this.manager.liveness(),
      () => this.manager.readiness(),
      () => this.manager.details(),
      () => ({ kubernetes: { ...this.kubernetes.check().kubernetes } }),
    ]);
  }
}
