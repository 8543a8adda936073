import { Injectable, type Provider } from '@nestjs/common';
import {
  InjectMetric,
  makeCounterProvider,
  makeGaugeProvider,
  makeHistogramProvider,
} from '@willsoto/nestjs-prometheus';
import type { Counter, Gauge, Histogram } from 'prom-client';
import { Informers } from './informers.js';
import type { EventResult, KubernetesObserver } from './kubernetes-observer.js';
import { WATCH_SILENCE_LIMIT_MS, type WatchHealth } from './watch-health.js';

const REQUESTS = 'jangar_kubernetes_requests_total';
const REQUEST_DURATION = 'jangar_kubernetes_request_duration_seconds';
const EVENTS = 'jangar_kubernetes_events_total';

const VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'];
const EVENT_RESULTS: readonly EventResult[] = ['written', 'failed', 'dropped'];

/** Counts requests and events. */
@Injectable()
export class KubernetesMetrics implements KubernetesObserver {
  readonly #requests: Counter;
  readonly #durations: Histogram;
  readonly #events: Counter;

  constructor(
    @InjectMetric(REQUESTS) requests: Counter,
    @InjectMetric(REQUEST_DURATION) durations: Histogram,
    @InjectMetric(EVENTS) events: Counter,
  ) {
    this.#requests = requests;
    this.#durations = durations;
    this.#events = events;
    // A series that appears with its first error has no rate for it.
    for (const verb of VERBS) for (const code of [0, 200, 409]) requests.inc({ verb, code }, 0);
    for (const verb of VERBS) durations.zero({ verb });
    for (const result of EVENT_RESULTS) events.inc({ result }, 0);
  }

  requested(verb: string, code: number, durationMs: number): void {
    this.#requests.inc({ verb, code });
    this.#durations.observe({ verb }, durationMs / 1000);
  }

  eventFinished(result: EventResult): void {
    this.#events.inc({ result });
  }
}

const WATCH_LABELS = ['kind', 'namespace'];

/** A figure of each watch, read from memory at the moment of the scrape. */
function watchFigure(read: (health: WatchHealth) => number | undefined) {
  return {
    labelNames: WATCH_LABELS,
    inject: [Informers],
    collect(this: Counter | Gauge, informers: Informers): void {
      this.reset();
      for (const health of informers.health()) {
        const value = read(health);
        if (value !== undefined) this.inc({ kind: health.kind, namespace: health.namespace ?? '' }, value);
      }
    },
  };
}

export const METRIC_PROVIDERS: Provider[] = [
  makeCounterProvider({
    name: REQUESTS,
    help: 'Requests to the API server by verb and HTTP status; code 0: no answer.',
    labelNames: ['verb', 'code'],
  }),
  makeHistogramProvider({
    name: REQUEST_DURATION,
    help: 'Time until the API server had answered; for a watch until it was accepted.',
    labelNames: ['verb'],
    buckets: [0.005, 0.025, 0.1, 0.5, 1, 5, 30],
  }),
  makeCounterProvider({
    name: EVENTS,
    help: 'Kubernetes Events by what became of them: written, failed (refused), dropped (never tried).',
    labelNames: ['result'],
  }),
  makeGaugeProvider({
    name: 'jangar_kubernetes_watch_age_seconds',
    help: 'Time since the API server last sent anything on a watch; bookmarks come about once a minute.',
    ...watchFigure(({ lastEventAgeMs }) => (lastEventAgeMs === undefined ? undefined : lastEventAgeMs / 1000)),
  }),
  makeGaugeProvider({
    name: 'jangar_kubernetes_watch_synced',
    help: '1 once the first list of a watch was complete.',
    ...watchFigure(({ synced }) => Number(synced)),
  }),
  makeCounterProvider({
    name: 'jangar_kubernetes_relists_total',
    help: 'Complete lists after the first one of a watch.',
    ...watchFigure(({ relists }) => relists),
  }),
  makeCounterProvider({
    name: 'jangar_kubernetes_reconnects_total',
    help: 'Watches opened after the first one.',
    ...watchFigure(({ reconnects }) => reconnects),
  }),
  makeCounterProvider({
    name: 'jangar_kubernetes_watch_silences_total',
    help: `Watches restarted because nothing came for ${WATCH_SILENCE_LIMIT_MS / 1000} s.`,
    ...watchFigure(({ silences }) => silences),
  }),
];
