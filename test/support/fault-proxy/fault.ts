import type { Verb } from './target.js';

/**
 * What goes wrong. For a watch, `halfOpen`, `cut` and `gone` happen to the stream, also to one that was open before.
 *
 * - `reset`: the connection is reset before the request reaches the server
 * - `lostResponse`: the server did what was asked; the connection is reset instead of its answer
 * - `halfOpen`: a request is accepted, does not reach the server and is never answered; a watch goes silent for ever
 * - `cut`: an answer, or the stream with the watch's next event, ends in the middle of a JSON document
 * - `gone`: 410 Expired; on a watch as an ERROR event, after which the stream ends
 * - `status`: the answer is this error, without reaching the server
 * - `latency`: the request is held back before it reaches the server; a write arrives even when nobody waits any more;
 *   the latest when the injection is removed
 * - `lag`: each event of the watch is held back that long, in order (a stale cache), until the injection is removed
 * - `dropEvent`: one event of the watch that tells of an object vanishes, the stream goes on
 */
export type Fault =
  | { kind: 'reset' }
  | { kind: 'lostResponse' }
  | { kind: 'halfOpen' }
  | { kind: 'cut' }
  | { kind: 'gone' }
  | { kind: 'status'; code: number; reason?: string; retryAfterSeconds?: number }
  | { kind: 'latency'; ms: number }
  | { kind: 'lag'; ms: number }
  | { kind: 'dropEvent' };

export type FaultKind = Fault['kind'];

/** Which requests are hit; what is absent fits everything. */
export interface Match {
  /** As the API server's authoriser names it. */
  verb?: Verb | readonly Verb[];
  /** Plural. */
  resource?: string;
  /** Empty: the object itself, none of its subresources. */
  subresource?: string;
  namespace?: string;
  /** For `dropEvent` and `cut` on a watch, the name of the object that the event is about. */
  name?: string;
}

/** One fault, or a rate of faults, that was asked for. */
export interface Injection {
  /** How often it happened. */
  readonly hits: number;
  /** Resolves at the first hit. */
  hit(): Promise<void>;
  /** Lets everything pass again. What hangs or is silent stays so; what lags or is late arrives at once. */
  remove(): void;
}

/**
 * When a fault is decided: before anything else (`arrival`), instead of the answer (`request`), once per watch
 * (`stream`), or with each event of a watch (`event`).
 */
export type Point = 'arrival' | 'request' | 'stream' | 'event';

/** The moment at which a fault that was injected by itself happens. */
export function pointOf(kind: FaultKind, watch: boolean): Point | undefined {
  switch (kind) {
    case 'latency':
      return 'arrival';
    case 'reset':
    case 'lostResponse':
    case 'status':
      return 'request';
    case 'halfOpen':
    case 'gone':
      return watch ? 'stream' : 'request';
    case 'cut':
      return watch ? 'event' : 'request';
    case 'lag':
      return watch ? 'stream' : undefined;
    case 'dropEvent':
      return watch ? 'event' : undefined;
  }
}

/** The moment at which a random fault happens: what ends a watch does so in mid-stream, not at its beginning. */
export function randomPointOf(kind: FaultKind, watch: boolean): Point | undefined {
  return watch && (kind === 'halfOpen' || kind === 'gone') ? 'event' : pointOf(kind, watch);
}
