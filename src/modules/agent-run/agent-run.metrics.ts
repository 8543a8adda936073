import { Injectable, type Provider } from '@nestjs/common';
import { InjectMetric, makeCounterProvider, makeHistogramProvider } from '@willsoto/nestjs-prometheus';
import type { Counter, Histogram } from 'prom-client';
import type { AgentRunStatus } from '../../api/v1alpha1/agent-run-status.types.js';
import type { AgentRun } from '../../api/v1alpha1/agent-run.types.js';
import { RUNTIME_TYPES } from '../../api/v1alpha1/runtime-kind.js';
import { latenciesBetween } from './latency.status.js';
import { RunCaches } from './run-caches.js';

const OUTCOMES = 'jangar_runs_finished_total';
const LATENCY = 'jangar_run_stage_duration_seconds';

/** Provider names come from users: past this many, further ones are counted together. */
const MAX_PROVIDERS = 50;

/** Outcomes and latencies of runs, by runtime and provider. */
@Injectable()
export class RunMetrics {
  readonly #outcomes: Counter;
  readonly #latency: Histogram;
  readonly #caches: RunCaches;
  readonly #providers = new Set<string>();

  constructor(@InjectMetric(OUTCOMES) outcomes: Counter, @InjectMetric(LATENCY) latency: Histogram, caches: RunCaches) {
    this.#outcomes = outcomes;
    this.#latency = latency;
    this.#caches = caches;
    // A series that appears with its first failure has no rate for it.
    for (const runtime of RUNTIME_TYPES) {
      for (const outcome of ['Succeeded', 'Failed', 'Cancelled']) {
        outcomes.inc({ outcome, failure_class: 'none', runtime, provider: 'none' }, 0);
      }
    }
  }

  /** Counts what the status that was just written says and the one before did not. */
  observe(run: AgentRun, next: AgentRunStatus): void {
    const { runtime, provider } = this.#labels(run, next);
    for (const { stage, seconds } of latenciesBetween(run, next)) {
      this.#latency.observe({ stage, runtime, provider }, seconds);
    }
    if (run.status?.finishedAt !== undefined || next.finishedAt === undefined) return;
    const failureClass = next.failureClass ?? (next.phase === 'Failed' ? 'InvalidSpec' : 'none');
    this.#outcomes.inc({ outcome: next.phase ?? '', failure_class: failureClass, runtime, provider });
  }

  #labels(run: AgentRun, next: AgentRunStatus): { runtime: string; provider: string } {
    const agent = this.#caches.agents.get(run.metadata.namespace ?? '', run.spec.agentRef.name);
    return {
      runtime: next.runtimeRef?.type ?? agent?.spec.runtime?.type ?? 'none',
      provider: this.#bounded(agent?.spec.providerRef.name ?? 'none'),
    };
  }

  #bounded(provider: string): string {
    if (this.#providers.size < MAX_PROVIDERS) this.#providers.add(provider);
    return this.#providers.has(provider) ? provider : 'other';
  }
}

export const RUN_METRIC_PROVIDERS: Provider[] = [
  makeCounterProvider({
    name: OUTCOMES,
    help: 'Finished AgentRuns by outcome, failure class, runtime and provider',
    labelNames: ['outcome', 'failure_class', 'runtime', 'provider'],
  }),
  makeHistogramProvider({
    name: LATENCY,
    help: 'Seconds that AgentRuns took from created to submitted (submit), of it for a slot (queue), to started (start), to finished (run)',
    labelNames: ['stage', 'runtime', 'provider'],
    buckets: [0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600, 14_400],
  }),
];
