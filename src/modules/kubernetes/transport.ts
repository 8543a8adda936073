import { Inject, Injectable } from '@nestjs/common';
import { request as send, type Dispatcher } from 'undici';
import { CLOCK, type Clock } from '../../domain/clock.js';
import { ACCESS_SOURCE, type Access, type AccessSource } from './access.js';
import { ApiError, type ClientReason } from './api-error.js';
import { Deadline } from './deadline.js';
import { KUBERNETES_OPTIONS, type KubernetesOptions } from './kubernetes-options.js';
import { beforeSending, createLanes, type Lane, type Lanes } from './lanes.js';
import { requestTarget, type Method, type RequestTarget } from './request-target.js';
import { retryAfterMs } from './retry-after.js';
import { KUBERNETES_OBSERVER, type TransportObserver } from './kubernetes-observer.js';

export type { Lane } from './lanes.js';

export interface TransportRequest {
  readonly method: Method;
  /** Begins with `/api/` or `/apis/`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: object;
  /** Default application/json. */
  readonly contentType?: string;
  /** Some JSON; default application/json. */
  readonly accept?: string;
  /** Default `request`, for streams `watch`. */
  readonly lane?: Lane;
  /** For the whole exchange; for streams until the first byte of the answer. Default: by verb. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
  /** Called right before the first byte goes out; what aborts the signal there is not sent. Never throws. */
  readonly beforeSend?: () => void;
}

/** A write may wait for admission webhooks (up to 30 s, the API server's own limit); a read of one object never does. */
const TIMEOUT_MS: Record<string, number> = { get: 10_000, list: 60_000, watch: 30_000 };
const WRITE_TIMEOUT_MS = 35_000;

interface Exchange extends TransportRequest {
  readonly target: RequestTarget;
  readonly lane: Lane;
  readonly deadline: Deadline;
  /** HTTP status of the answer; 0 until there is one. */
  code: number;
}

/**
 * HTTP to the API server: shared connections, credentials, deadlines, and one kind of error. It never retries but once
 * after a 401 with renewed credentials: waiting and trying again belongs to whoever knows what is at stake.
 */
@Injectable()
export class Transport {
  readonly #access: AccessSource;
  readonly #clock: Clock;
  readonly #observer: TransportObserver;
  readonly #userAgent: string;
  readonly #lanes: Lanes;

  constructor(
    @Inject(ACCESS_SOURCE) access: AccessSource,
    @Inject(CLOCK) clock: Clock,
    @Inject(KUBERNETES_OBSERVER) observer: TransportObserver,
    @Inject(KUBERNETES_OPTIONS) options: Pick<KubernetesOptions, 'version'>,
  ) {
    this.#access = access;
    this.#clock = clock;
    this.#observer = observer;
    this.#userAgent = `jangar/${options.version}`;
    this.#lanes = createLanes(access);
  }

  /**
   * Sends a request and returns the parsed JSON answer.
   *
   * @throws ApiError for every failure, also of the network, the deadline and the caller's signal
   */
  async request(request: TransportRequest): Promise<unknown> {
    const exchange = this.#begin(request, 'request');
    try {
      return await this.#observed(exchange, async () => {
        const response = await this.#send(exchange);
        return parse(exchange, await response.body.text());
      });
    } finally {
      exchange.deadline.dispose();
    }
  }

  /**
   * Sends a GET whose answer never ends by itself. The bytes arrive until the server ends them, the signal aborts
   * or the iteration is left.
   *
   * @throws ApiError as `request` does; a broken stream throws it out of the iteration
   */
  async stream(request: Omit<TransportRequest, 'method' | 'body'>): Promise<AsyncIterable<Uint8Array>> {
    const exchange = this.#begin({ ...request, method: 'GET' }, 'watch');
    try {
      const response = await this.#observed(exchange, () => this.#send(exchange));
      exchange.deadline.stopTimer();
      return readBody(exchange, response.body);
    } catch (error) {
      exchange.deadline.dispose();
      throw error;
    }
  }

  /** Breaks every connection; requests in flight fail. */
  async close(): Promise<void> {
    await Promise.all(Object.values(this.#lanes).map((lane) => lane.destroy()));
  }

  #begin(request: TransportRequest, defaultLane: Lane): Exchange {
    const lane = request.lane ?? defaultLane;
    const target = requestTarget(request.method, request.path, defaultLane === 'watch');
    const timeoutMs = request.timeoutMs ?? TIMEOUT_MS[target.verb] ?? WRITE_TIMEOUT_MS;
    return { ...request, lane, target, deadline: new Deadline(this.#clock, timeoutMs, request.signal), code: 0 };
  }

  async #observed<T>(exchange: Exchange, work: () => Promise<T>): Promise<T> {
    const startedMs = this.#clock.monotonicMs();
    try {
      return await Promise.race([work(), ended(exchange.deadline.signal)]);
    } catch (error) {
      throw toApiError(exchange, error);
    } finally {
      this.#observer.requested(exchange.target.verb, exchange.code, this.#clock.monotonicMs() - startedMs);
    }
  }

  /** The answer, which is a success. */
  async #send(exchange: Exchange): Promise<Dispatcher.ResponseData> {
    const access = await this.#currentAccess(exchange);
    let response = await this.#dispatch(exchange, access);
    if (response.statusCode === 401) {
      // Projected service-account tokens rotate; what was read may have expired while this process was suspended.
      await response.body.dump();
      this.#access.invalidate(access);
      response = await this.#dispatch(exchange, await this.#currentAccess(exchange));
    }
    exchange.code = response.statusCode;
    if (response.statusCode >= 300) throw await this.#refusal(exchange, response);
    return response;
  }

  async #currentAccess(exchange: Exchange): Promise<Access> {
    try {
      return await this.#access.current();
    } catch (error) {
      // Of other errors the text may quote the kubeconfig or an exec plugin's output.
      const detail = isSystemError(error) ? error.message : undefined;
      throw clientError(exchange, 'CredentialsUnavailable', detail);
    }
  }

  #dispatch(exchange: Exchange, access: Access): Promise<Dispatcher.ResponseData> {
    const url = new URL(access.server.pathname.replace(/\/$/, '') + exchange.path, access.server);
    for (const [name, value] of Object.entries(exchange.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, value);
    }
    const headers: Record<string, string> = {
      ...access.headers,
      accept: exchange.accept ?? 'application/json',
      'user-agent': this.#userAgent,
    };
    if (exchange.body !== undefined) headers['content-type'] = exchange.contentType ?? 'application/json';
    const lane = this.#lanes[exchange.lane];
    return send(url, {
      method: exchange.method,
      headers,
      body: exchange.body === undefined ? null : JSON.stringify(exchange.body),
      dispatcher: exchange.beforeSend === undefined ? lane : beforeSending(lane, exchange.beforeSend),
      signal: exchange.deadline.signal,
    });
  }

  async #refusal(exchange: Exchange, response: Dispatcher.ResponseData): Promise<ApiError> {
    const body = tryParse(await response.body.text());
    const wait = retryAfterMs(response.headers['retry-after'], this.#clock.now());
    const { method, target } = exchange;
    return ApiError.fromStatus({ method, target: target.text }, response.statusCode, body, wait);
  }
}

/**
 * Rejects when the signal aborts. undici listens to a signal only from when a connection takes the request: one that waits
 * for a free connection, a handshake or credentials would outlive its deadline, and its caller's abort.
 */
function ended(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const end = (): void => reject(new Error('aborted'));
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}

async function* readBody(exchange: Exchange, body: Dispatcher.ResponseData['body']): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of body) yield chunk as Uint8Array;
  } catch (error) {
    throw toApiError(exchange, error);
  } finally {
    exchange.deadline.dispose();
  }
}

function parse(exchange: Exchange, text: string): unknown {
  const value = tryParse(text);
  if (value === undefined) throw clientError(exchange, 'InvalidResponse', undefined);
  return value;
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function toApiError(exchange: Exchange, error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (exchange.deadline.expired) return clientError(exchange, 'Timeout', undefined);
  if (exchange.deadline.signal.aborted) return clientError(exchange, 'Aborted', undefined);
  // The code says enough (ECONNREFUSED, UND_ERR_SOCKET …); the text of a TLS error may quote certificates.
  return clientError(exchange, 'NetworkError', isSystemError(error) ? error.code : undefined);
}

function clientError(exchange: Exchange, reason: ClientReason, detail: string | undefined): ApiError {
  return new ApiError({ method: exchange.method, target: exchange.target.text, code: 0, reason, detail });
}

/** Errors of Node's own modules; by shape, since they may come from another realm. */
function isSystemError(error: unknown): error is { code: string; message: string } {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string';
}
