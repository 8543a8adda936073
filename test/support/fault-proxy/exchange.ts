import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { type Dispatcher, request } from 'undici';
import { lines } from '../lines.js';
import type { Fault } from './fault.js';
import type { Injections } from './injections.js';
import { statusObject } from './status.js';
import { type Target, targetOf } from './target.js';
import { WatchRelay } from './watch-relay.js';

/** The headers of one hop; and those that would have the answer compressed: its events are read here. */
const NOT_FORWARDED = new Set(
  'connection keep-alive transfer-encoding upgrade te expect host content-length accept-encoding'.split(' '),
);

export interface Upstream {
  readonly url: string;
  readonly dispatcher: Dispatcher;
}

/** A request as it is recorded; `code` is 0 while, and if, no answer was let through. */
export interface RecordedRequest extends Target {
  readonly code: number;
}

/** One request of the client and what becomes of it. */
export class Exchange {
  readonly record: { -readonly [K in keyof RecordedRequest]: RecordedRequest[K] };
  /** While a watch is open. */
  relay: WatchRelay | undefined;
  readonly #incoming: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #body: string;
  readonly #injections: Injections;
  readonly #reset: () => void;

  /** @param reset resets the client's connection */
  private constructor(
    [incoming, response]: readonly [IncomingMessage, ServerResponse],
    body: string,
    injections: Injections,
    reset: () => void,
  ) {
    this.#incoming = incoming;
    this.#response = response;
    this.#body = body;
    this.#injections = injections;
    this.#reset = reset;
    this.record = { ...targetOf(incoming.method ?? '', incoming.url ?? '', body), code: 0 };
  }

  /** Reads the request; undefined when it breaks off. */
  static async read(
    http: readonly [IncomingMessage, ServerResponse],
    injections: Injections,
    reset: () => void,
  ): Promise<Exchange | undefined> {
    try {
      const chunks = (await http[0].toArray()) as Buffer[];
      return new Exchange(http, Buffer.concat(chunks).toString('utf8'), injections, reset);
    } catch {
      return undefined;
    }
  }

  /** Brings the request to the server and the answer to the client, unless a fault says otherwise; never rejects. */
  async run(upstream: Upstream): Promise<void> {
    for (const { fault, removed } of this.#injections.takeAll('arrival', this.record)) {
      if (fault.kind === 'latency') await waitUnless(removed, fault.ms);
    }
    const fault = this.#injections.take('request', this.record)?.fault;
    try {
      await this.#proceed(upstream, fault);
    } catch {
      // The server refused the connection or broke it, or the client left.
      this.#reset();
    }
  }

  async #proceed(upstream: Upstream, fault: Fault | undefined): Promise<void> {
    switch (fault?.kind) {
      case 'halfOpen':
        return;
      case 'reset':
        this.#reset();
        return;
      case 'gone':
        this.#answerStatus(410);
        return;
      case 'status':
        this.#answerStatus(fault.code, fault.reason, fault.retryAfterSeconds);
        return;
      case 'lostResponse': {
        const { body } = await this.#forward(upstream, undefined);
        if (this.record.verb !== 'watch') await body.dump();
        this.#reset();
        body.destroy();
        return;
      }
      default:
        await this.#answer(upstream, fault?.kind === 'cut');
    }
  }

  #answerStatus(code: number, reason?: string, retryAfterSeconds?: number): void {
    this.record.code = code;
    this.#response.writeHead(code, {
      'content-type': 'application/json',
      ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
    });
    this.#response.end(JSON.stringify(statusObject(code, reason, retryAfterSeconds)));
  }

  #forward({ url, dispatcher }: Upstream, signal: AbortSignal | undefined): Promise<Dispatcher.ResponseData> {
    const headers = Object.entries(this.#incoming.headers).filter(([name]) => !NOT_FORWARDED.has(name));
    return request(url + (this.#incoming.url ?? ''), {
      method: this.#incoming.method ?? 'GET',
      headers: Object.fromEntries(headers) as Record<string, string | string[]>,
      body: this.#body === '' ? null : this.#body,
      dispatcher,
      ...(signal === undefined ? {} : { signal }),
    });
  }

  async #answer(upstream: Upstream, cut: boolean): Promise<void> {
    const left = new AbortController();
    const leave = (): void => left.abort();
    // What a client writes arrives even when it does not wait for the answer; reads end with it.
    if (this.#incoming.method === 'GET') {
      if (this.#response.destroyed) return;
      this.#response.once('close', leave);
    }
    const answer = await this.#forward(upstream, left.signal);
    const headers = Object.entries(answer.headers).filter(([name]) => !NOT_FORWARDED.has(name));
    this.record.code = answer.statusCode;
    this.#response.writeHead(answer.statusCode, Object.fromEntries(headers) as Record<string, string | string[]>);
    this.#response.flushHeaders();
    const json = String(answer.headers['content-type']).startsWith('application/json');
    if (cut) {
      const text = await answer.body.text();
      this.#response.end(text.slice(0, text.length / 2));
    } else if (this.record.verb === 'watch' && answer.statusCode === 200 && json) {
      await this.#watch(answer.body, leave);
    } else {
      await pipeline(answer.body, this.#response);
    }
  }

  async #watch(body: AsyncIterable<Buffer>, leave: () => void): Promise<void> {
    const relay = new WatchRelay(
      this.record,
      { response: this.#response, reset: this.#reset, leave },
      this.#injections,
    );
    this.relay = relay;
    const broken = await this.#relayLines(body, relay);
    relay.ended(broken);
  }

  async #relayLines(body: AsyncIterable<Buffer>, relay: WatchRelay): Promise<boolean> {
    try {
      for await (const line of lines(body)) relay.event(line);
      return false;
    } catch {
      return true;
    }
  }
}

async function waitUnless(over: AbortSignal, ms: number): Promise<void> {
  try {
    await delay(ms, undefined, { signal: over });
  } catch {
    // The injection was removed: what it held back goes on now.
  }
}
