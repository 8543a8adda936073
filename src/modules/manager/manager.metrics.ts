import { Injectable, type Provider } from '@nestjs/common';
import {
  InjectMetric,
  makeCounterProvider,
  makeGaugeProvider,
  makeHistogramProvider,
} from '@willsoto/nestjs-prometheus';
import type { Counter, Gauge, Histogram } from 'prom-client';
import { LeaderElector } from './leader-elector.js';
import { PASS_RESULTS, type PassResult } from './outcome-table.js';
import { ReconcilerRegistry } from './reconciler.registry.js';
import type { QueueObserver } from './work-queue.js';

const RECONCILES = 'jangar_reconcile_total';
const RECONCILE_DURATION = 'jangar_reconcile_duration_seconds';
const QUEUE_ADDS = 'jangar_workqueue_adds_total';
const QUEUE_LATENCY = 'jangar_workqueue_latency_seconds';
const QUEUE_RETRIES = 'jangar_workqueue_retries_total';
const RESYNCS = 'jangar_resync_total';
const HEALED = 'jangar_resync_healed_total';

/** What one reconciler's loop and queue report to. */
export interface ReconcilerMetrics extends QueueObserver {
  passed(result: PassResult, durationMs: number): void;
  /** A pass wrote something which nothing but the resync had asked for. */
  healed(): void;
}

/** Counts passes, queues and resyncs, by reconciler. */
@Injectable()
export class ManagerMetrics {
  constructor(
    @InjectMetric(RECONCILES) private readonly reconciles: Counter,
    @InjectMetric(RECONCILE_DURATION) private readonly durations: Histogram,
    @InjectMetric(QUEUE_ADDS) private readonly adds: Counter,
    @InjectMetric(QUEUE_LATENCY) private readonly latencies: Histogram,
    @InjectMetric(QUEUE_RETRIES) private readonly retries: Counter,
    @InjectMetric(RESYNCS) private readonly resyncs: Counter,
    @InjectMetric(HEALED) private readonly heals: Counter,
  ) {}

  /** The series of a reconciler, there from the start: one that appears with its first error has no rate for it. */
  forReconciler(reconciler: string, kind: string): ReconcilerMetrics {
    this.heals.inc({ kind }, 0);
    for (const result of PASS_RESULTS) this.reconciles.inc({ reconciler, result }, 0);
    for (const counter of [this.adds, this.retries, this.resyncs]) counter.inc({ reconciler }, 0);
    for (const histogram of [this.durations, this.latencies]) histogram.zero({ reconciler });
    return {
      added: () => this.adds.inc({ reconciler }),
      retried: () => this.retries.inc({ reconciler }),
      taken: (waitedMs) => this.latencies.observe({ reconciler }, waitedMs / 1000),
      passed: (result, durationMs) => {
        this.reconciles.inc({ reconciler, result });
        this.durations.observe({ reconciler }, durationMs / 1000);
      },
      healed: () => this.heals.inc({ kind }),
    };
  }

  resynced(reconciler: string, keys: number): void {
    this.resyncs.inc({ reconciler }, keys);
  }
}

const LABELS = ['reconciler'];
const BUCKETS = [0.001, 0.005, 0.025, 0.1, 0.5, 1, 5, 15, 60];

export const MANAGER_METRIC_PROVIDERS: Provider[] = [
  makeCounterProvider({
    name: RECONCILES,
    help: `Passes by reconciler and result: ${PASS_RESULTS.join(', ')}.`,
    labelNames: ['reconciler', 'result'],
  }),
  makeHistogramProvider({
    name: RECONCILE_DURATION,
    help: 'Time a pass took.',
    labelNames: LABELS,
    buckets: BUCKETS,
  }),
  makeCounterProvider({ name: QUEUE_ADDS, help: 'Keys that came into the queue.', labelNames: LABELS }),
  makeHistogramProvider({
    name: QUEUE_LATENCY,
    help: 'Time a key waited for a worker.',
    labelNames: LABELS,
    buckets: BUCKETS,
  }),
  makeCounterProvider({ name: QUEUE_RETRIES, help: 'Keys put back after a failure.', labelNames: LABELS }),
  makeCounterProvider({ name: RESYNCS, help: 'Keys that the periodic resync looks at.', labelNames: LABELS }),
  makeCounterProvider({
    name: HEALED,
    help: 'Passes that wrote something which nothing but the periodic resync had asked for: an event was lost.',
    labelNames: ['kind'],
  }),
  makeGaugeProvider({
    name: 'jangar_workqueue_depth',
    help: 'Keys that wait for a worker.',
    labelNames: LABELS,
    inject: [ReconcilerRegistry],
    collect(this: Gauge, { loops }: ReconcilerRegistry) {
      for (const { name, queue } of loops) this.set({ reconciler: name }, queue.depth);
    },
  }),
  makeGaugeProvider({
    name: 'jangar_workqueue_longest_running_seconds',
    help: 'How long the oldest running pass has been running; 0 when none is.',
    labelNames: LABELS,
    inject: [ReconcilerRegistry],
    collect(this: Gauge, { loops }: ReconcilerRegistry) {
      for (const { name, queue } of loops) this.set({ reconciler: name }, queue.longestRunningMs / 1000);
    },
  }),
  makeGaugeProvider({
    name: 'jangar_leader',
    help: '1 while this process is the leader.',
    inject: [LeaderElector],
    collect(this: Gauge, elector: LeaderElector) {
      this.set(elector.isLeading() ? 1 : 0);
    },
  }),
];
