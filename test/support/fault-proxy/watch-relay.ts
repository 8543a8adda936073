import type { ServerResponse } from 'node:http';
import type { Fault } from './fault.js';
import type { Hit, Injections } from './injections.js';
import { statusObject } from './status.js';
import type { Target } from './target.js';

interface WatchEvent {
  type: string;
  object: { metadata?: { name?: string; namespace?: string } };
}

/** Something that is due on the client's side of a watch: an event, or the end. */
interface Held {
  dueMs: number;
  deliver: () => void;
}

/** The client's connection and the server's stream. */
export interface WatchEnds {
  /** Its headers are already with the client. */
  readonly response: ServerResponse;
  /** Resets the client's connection. */
  reset(): void;
  /** Ends the server's stream: nothing more is wanted from it. */
  leave(): void;
}

/** One watch on its way to the client, event by event. */
export class WatchRelay {
  readonly #target: Target;
  readonly #ends: WatchEnds;
  readonly #injections: Injections;
  readonly #held: Held[] = [];
  #lagMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #over = false;

  constructor(target: Target, ends: WatchEnds, injections: Injections) {
    this.#target = target;
    this.#ends = ends;
    this.#injections = injections;
    ends.response.once('close', () => this.#finish());
    for (const hit of injections.takeAll('stream', target)) this.apply(hit);
  }

  get target(): Target {
    return this.#target;
  }

  /** A fault of the whole stream. */
  apply({ fault, removed }: Hit): void {
    if (fault.kind !== 'lag') {
      this.#end(fault);
      return;
    }
    this.#lagMs = fault.ms;
    const release = (): void => {
      this.#lagMs = 0;
      for (const held of this.#held) held.dueMs = 0;
      this.#drain();
    };
    removed.addEventListener('abort', release, { once: true });
  }

  /** One line of the server's stream. */
  event(line: string): void {
    this.#hold(() => this.#deliver(line));
  }

  /** The server's stream has ended; `broken` when not as it should. */
  ended(broken: boolean): void {
    this.#hold(() => {
      if (broken) this.#ends.reset();
      else this.#ends.response.end();
    });
  }

  #hold(deliver: () => void): void {
    // What came before is due before: a lag that was taken away lets nothing overtake.
    this.#held.push({ dueMs: performance.now() + this.#lagMs, deliver });
    if (this.#held.length === 1) this.#drain();
  }

  #drain(): void {
    clearTimeout(this.#timer);
    for (let first = this.#held[0]; first !== undefined && !this.#over; first = this.#held[0]) {
      const waitMs = first.dueMs - performance.now();
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.#drain(), waitMs);
        return;
      }
      this.#held.shift();
      first.deliver();
    }
  }

  #deliver(line: string): void {
    const fault = this.#faultFor(JSON.parse(line) as WatchEvent);
    if (fault === undefined) this.#ends.response.write(`${line}\n`);
    else if (fault.kind !== 'dropEvent') this.#end(fault, line);
  }

  #faultFor({ type, object: { metadata = {} } }: WatchEvent): Fault | undefined {
    // A bookmark tells of no object.
    if (type === 'BOOKMARK') return undefined;
    const { namespace = this.#target.namespace, name = this.#target.name } = metadata;
    const about = { ...this.#target, ...(namespace && { namespace }), ...(name && { name }) };
    return this.#injections.take('event', about)?.fault;
  }

  #end(fault: Fault, line = ''): void {
    const { response } = this.#ends;
    if (this.#over || response.writableEnded) return;
    if (fault.kind === 'cut') response.end(line.slice(0, line.length / 2));
    if (fault.kind === 'gone') response.end(`${JSON.stringify({ type: 'ERROR', object: statusObject(410) })}\n`);
    this.#finish();
  }

  #finish(): void {
    this.#over = true;
    this.#held.length = 0;
    clearTimeout(this.#timer);
    this.#ends.leave();
  }
}
