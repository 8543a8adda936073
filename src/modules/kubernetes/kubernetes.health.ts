import { Injectable } from '@nestjs/common';
import { Informers } from './informers.js';
import { WATCH_SILENCE_LIMIT_MS, type WatchHealth } from './watch-health.js';

/** In the shape of a terminus indicator's result. */
export interface KubernetesHealthResult {
  readonly kubernetes: {
    readonly status: 'up' | 'down';
    /** A watch that hears nothing for this long is restarted. */
    readonly silenceLimitMs: number;
    readonly watches: readonly WatchHealth[];
  };
}

/**
 * Answers from memory. Only the first sync decides between up and down: later breaks of a watch make the caches stale,
 * and a replica that steps out of service for them would help nobody.
 */
@Injectable()
export class KubernetesHealth {
  readonly #informers: Informers;

  constructor(informers: Informers) {
    this.#informers = informers;
  }

  check(): KubernetesHealthResult {
    const status = this.#informers.hasSynced() ? 'up' : 'down';
    return { kubernetes: { status, silenceLimitMs: WATCH_SILENCE_LIMIT_MS, watches: this.#informers.health() } };
  }
}
