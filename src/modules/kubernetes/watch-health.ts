import type { Clock } from '../../domain/clock.js';
import { ApiError } from './api-error.js';

/**
 * The longest silence of a healthy watch. The API server sends a bookmark about once a minute, so silence this long means
 * a dead connection that no reset has told of (a half-open TCP connection, a proxy that keeps only one side). The watch is
 * then restarted.
 */
export const WATCH_SILENCE_LIMIT_MS = 150_000;

/** A new watch begins with what happened since the last one ended; more than enough to tell that. */
const CATCH_UP_MS = 1000;

/** State of one list+watch, from memory. */
export interface WatchHealth {
  readonly kind: string;
  /** Undefined when all namespaces are watched. */
  readonly namespace: string | undefined;
  /** True once the first list was complete. */
  readonly synced: boolean;
  /** True while a watch is open. */
  readonly watching: boolean;
  /** Whole milliseconds since the server last sent anything (also bookmarks); undefined before the first list. */
  readonly lastEventAgeMs: number | undefined;
  /** Complete lists after the first one. */
  readonly relists: number;
  /** Watches opened after the first one. */
  readonly reconnects: number;
  /** Watches given up because they were silent for WATCH_SILENCE_LIMIT_MS. */
  readonly silences: number;
  /** Why a list or watch last failed, also when all is well again; undefined when none ever did. */
  readonly lastError: string | undefined;
  /** Whole milliseconds since then. */
  readonly lastErrorAgeMs: number | undefined;
}

/** The error of a watch that was silent for too long. */
export function silenceError(plural: string): ApiError {
  const detail = `nothing came for ${WATCH_SILENCE_LIMIT_MS / 1000} s`;
  return new ApiError({ method: 'WATCH', target: plural, code: 0, reason: 'Silence', detail });
}

/** Whether a watch ended because it was silent for too long. */
export function isSilence(error: unknown): boolean {
  return error instanceof ApiError && error.reason === 'Silence';
}

/** What one list+watch has been through. */
export class WatchHistory {
  /** Whether a whole list has reached the cache. */
  synced = false;
  readonly #clock: Clock;
  /** When the open watch was opened. */
  #openedMs: number | undefined;
  #lists = 0;
  #watches = 0;
  #silences = 0;
  #heardMs: number | undefined;
  #failure: { readonly text: string; readonly atMs: number } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The server sent something. */
  heard(): void {
    this.#heardMs = this.#clock.monotonicMs();
  }

  listed(): void {
    this.#lists += 1;
    this.heard();
  }

  opened(): void {
    this.#watches += 1;
    this.heard();
    this.#openedMs = this.#heardMs;
  }

  closed(): void {
    this.#openedMs = undefined;
  }

  /** Whether the watch is open and has had the time to tell what happened while it was not. */
  isUpToDate(): boolean {
    return this.#openedMs !== undefined && this.#clock.monotonicMs() - this.#openedMs >= CATCH_UP_MS;
  }

  /** @returns what `lastError` says from now on */
  failed(error: unknown): string {
    if (isSilence(error)) this.#silences += 1;
    const text = error instanceof ApiError ? error.message : 'unexpected error';
    this.#failure = { text, atMs: this.#clock.monotonicMs() };
    return text;
  }

  read(): Omit<WatchHealth, 'kind' | 'namespace'> {
    return {
      synced: this.synced,
      watching: this.#openedMs !== undefined,
      lastEventAgeMs: this.#since(this.#heardMs),
      relists: Math.max(this.#lists - 1, 0),
      reconnects: Math.max(this.#watches - 1, 0),
      silences: this.#silences,
      lastError: this.#failure?.text,
      lastErrorAgeMs: this.#since(this.#failure?.atMs),
    };
  }

  #since(ms: number | undefined): number | undefined {
    return ms === undefined ? undefined : Math.round(this.#clock.monotonicMs() - ms);
  }
}
