import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { Agent } from 'undici';
import type { Random } from '../../../src/domain/clock.js';
import type { ApiServerHandle } from '../api-server.js';
import { kubeconfig } from '../api-server/kubeconfig.js';
import { seededRandom } from '../seeded-random.js';
import { Exchange, type RecordedRequest } from './exchange.js';
import type { Fault, FaultKind, Injection, Match } from './fault.js';
import { Injections, type PlannedInjection } from './injections.js';

export type { RecordedRequest } from './exchange.js';
export type { Fault, FaultKind, Injection, Match } from './fault.js';

/**
 * Stands between a client and the API server and makes go wrong what it is told to. It speaks HTTP/1.1 with the server's
 * own certificate; clients ask for JSON. One for each client process is the normal use. Whoever starts it stops it.
 *
 * ```ts
 * const proxy = await FaultProxy.start(server);
 * const lost = proxy.inject({ verb: 'create', resource: 'jobs' }, { kind: 'lostResponse' });
 * // … the client under test, with proxy.kubeconfigPath
 * await lost.hit();
 * ```
 */
export class FaultProxy {
  readonly url: string;
  /** For the client under test: the administrator, through this proxy. */
  readonly kubeconfigPath: string;
  readonly #server: Server;
  readonly #agent: Agent;
  readonly #upstreamUrl: string;
  readonly #directory: string;
  readonly #injections: Injections;
  readonly #requests: RecordedRequest[] = [];
  readonly #exchanges = new Set<Exchange>();
  /** Below TLS, by the client's port: only such a socket can be reset. */
  readonly #sockets = new Map<number | undefined, Socket>();
  /** The same with TLS, once it is there. */
  readonly #secured = new Map<number | undefined, TLSSocket>();

  private constructor(server: Server, upstream: ApiServerHandle, directory: string, random: Random) {
    this.url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.kubeconfigPath = join(directory, 'kubeconfig');
    this.#server = server;
    // A watch may be silent for minutes; a connection may not be older than the server keeps it.
    this.#agent = new Agent({
      connect: { ca: upstream.certificate },
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: 30_000,
    });
    this.#upstreamUrl = upstream.url;
    this.#directory = directory;
    this.#injections = new Injections(random);
    server.on('connection', (socket: Socket) => this.#keep(socket));
    server.on('secureConnection', (socket) => void this.#secured.set(socket.remotePort, socket));
    server.on('request', (incoming, response) => void this.#serve(incoming, response));
  }

  /** @param random for `randomly`; the order in which requests arrive decides who gets which draw */
  static async start(upstream: ApiServerHandle, random: Random = seededRandom(1)): Promise<FaultProxy> {
    const directory = await mkdtemp(join(tmpdir(), 'jangar-fault-proxy-'));
    const { certificate, token } = upstream;
    const server = createServer({ cert: certificate, key: await readFile(upstream.keyPath), keepAliveTimeout: 0 });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const proxy = new FaultProxy(server, upstream, directory, random);
    await writeFile(proxy.kubeconfigPath, kubeconfig({ url: proxy.url, certificate, token }), { mode: 0o600 });
    return proxy;
  }

  /** How often each kind of fault has happened. */
  get counts(): ReadonlyMap<FaultKind, number> {
    return this.#injections.counts;
  }

  /** Every request, in order of arrival. */
  get requests(): readonly RecordedRequest[] {
    return this.#requests;
  }

  /** Watches that the client has open, silent ones too. */
  get openStreams(): number {
    return [...this.#exchanges].filter(({ relay }) => relay !== undefined).length;
  }

  /** Connections that the client has open, also those that wait for its next request. */
  get openConnections(): number {
    return this.#sockets.size;
  }

  /** Has the next `times` requests, watches or events that fit meet the fault, `after` others; open watches at once. */
  inject(match: Match, fault: Fault, times = 1, after = 0): Injection {
    return this.#alsoToOpenStreams(this.#injections.script(match, fault, times, after));
  }

  /**
   * Has faults happen with a probability each: per request, and for `dropEvent`, `cut`, `gone` and `halfOpen` of a watch
   * per event.
   */
  randomly(rates: Readonly<Partial<Record<FaultKind, number>>>, match: Match = {}): Injection {
    return this.#alsoToOpenStreams(this.#injections.randomly(rates, match));
  }

  /** Resets every open connection. */
  sever(): void {
    for (const port of this.#sockets.keys()) this.#reset(port);
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.sever();
    await closed;
    await this.#agent.destroy();
    // What was held back for an hour would keep the tests from their end that long. Now it reaches no server any more.
    this.#injections.removeAll();
    await rm(this.#directory, { recursive: true, force: true });
  }

  #alsoToOpenStreams(planned: PlannedInjection): Injection {
    for (const { relay } of this.#exchanges) {
      const hit = relay === undefined ? undefined : planned.take('stream', relay.target);
      if (hit !== undefined) relay?.apply(hit);
    }
    return planned;
  }

  #keep(socket: Socket): void {
    const { remotePort } = socket;
    this.#sockets.set(remotePort, socket);
    socket.once('close', () => {
      this.#sockets.delete(remotePort);
      this.#secured.delete(remotePort);
    });
    // A reset that the client sends is nothing to end the tests for.
    socket.on('error', () => undefined);
  }

  #reset(port: number | undefined): void {
    const socket = this.#sockets.get(port);
    const ending = this.#secured.get(port)?.writableEnded ?? false;
    // Node 24 fails to reset a socket that is ending (EINVAL), never closes it then, and spins for ever at the exit.
    if (ending) socket?.destroy();
    else socket?.resetAndDestroy();
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { remotePort } = incoming.socket;
    const reset = (): void => this.#reset(remotePort);
    const exchange = await Exchange.read([incoming, response], this.#injections, reset);
    if (exchange === undefined) return;
    this.#requests.push(exchange.record);
    this.#exchanges.add(exchange);
    response.once('close', () => this.#exchanges.delete(exchange));
    await exchange.run({ url: this.#upstreamUrl, dispatcher: this.#agent });
  }
}
