import { Injectable } from '@nestjs/common';
import type { HealthIndicatorResult } from '@nestjs/terminus';
import { LeaderElector } from './leader-elector.js';
import { Manager } from './manager.js';
import { ReconcilerRegistry } from './reconciler.registry.js';

/** What the manager knows about its own health, from memory. */
@Injectable()
export class ManagerHealth {
  constructor(
    private readonly manager: Manager,
    private readonly elector: LeaderElector,
    private readonly registry: ReconcilerRegistry,
  ) {}

  /** Down only when a worker is lost for good, which a restart cures; never for what a dependency does. */
  liveness(): HealthIndicatorResult<'loops'> {
    const wedged = this.registry.loops.filter((loop) => loop.wedged).map((loop) => loop.name);
    return { loops: wedged.length === 0 ? { status: 'up' } : { status: 'down', wedged } };
  }

  /** Up from the first complete sync until the stop, on followers as on the leader. */
  readiness(): HealthIndicatorResult<'manager'> {
    const { state } = this.manager;
    return { manager: { status: state === 'ready' ? 'up' : 'down', state } };
  }

  /** Never down: for people. */
  details(): HealthIndicatorResult<'leaderElection' | 'reconcilers'> {
    const reconcilers = this.registry.loops.map(({ name, queue }) => [
      name,
      { depth: queue.depth, longestRunningSeconds: Math.round(queue.longestRunningMs / 1000) },
    ]);
    return {
      leaderElection: { status: 'up', ...this.elector.health() },
      reconcilers: { status: 'up', ...(Object.fromEntries(reconcilers) as object) },
    };
  }
}
