import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Access, AccessSource } from '../../src/modules/kubernetes/access.js';

/** One request that waits for the test to answer it. */
export class Exchange {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
  readonly #response: ServerResponse;

  constructor(request: IncomingMessage, body: string, response: ServerResponse) {
    const url = new URL(request.url ?? '/', 'http://double');
    this.method = request.method ?? '';
    this.path = url.pathname;
    this.query = Object.fromEntries(url.searchParams);
    this.headers = request.headers;
    this.body = body === '' ? undefined : JSON.parse(body);
    this.#response = response;
  }

  json(code: number, body: unknown, headers: Record<string, string> = {}): void {
    this.#response.writeHead(code, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  }

  text(code: number, body: string): void {
    this.#response.writeHead(code, { 'content-type': 'text/html' }).end(body);
  }

  /** Answers with a Status, as the API server does. */
  status(code: number, reason: string, more: object = {}, headers: Record<string, string> = {}): void {
    this.json(code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, ...more }, headers);
  }

  list(resourceVersion: string, items: readonly object[], more: object = {}): void {
    this.json(200, { kind: 'List', apiVersion: 'v1', metadata: { resourceVersion, ...more }, items });
  }

  /** Accepts a watch: from here on `send` and `write`. */
  open(): this {
    this.#response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
    return this;
  }

  send(type: string, object: object): this {
    return this.write(`${JSON.stringify({ type, object })}\n`);
  }

  write(bytes: string | Uint8Array): this {
    this.#response.write(bytes);
    return this;
  }

  end(): void {
    this.#response.end();
  }

  /** Breaks the connection. */
  reset(): void {
    this.#response.socket?.resetAndDestroy();
  }

  /** Resolves once the client has gone away. */
  closed(): Promise<void> {
    if (this.#response.closed) return Promise.resolve();
    return new Promise((resolve) => this.#response.once('close', resolve));
  }
}

/** An HTTP server in this process that does nothing but hand each request to the test. */
export class ApiDouble implements AccessSource {
  /** Connections ever accepted. */
  connections = 0;
  token = 'token-1';
  readonly invalidated: string[] = [];
  readonly url: URL;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #arrived: Exchange[] = [];
  readonly #waiting: ((exchange: Exchange) => void)[] = [];

  private constructor(server: Server, url: URL) {
    this.#server = server;
    this.url = url;
    server.on('connection', (socket) => {
      this.connections += 1;
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    server.on('request', (request, response) => {
      void this.#accept(request, response);
    });
  }

  static async start(): Promise<ApiDouble> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return new ApiDouble(server, new URL(`http://127.0.0.1:${port}`));
  }

  /** The next request, in order of arrival. */
  next(): Promise<Exchange> {
    const arrived = this.#arrived.shift();
    return arrived === undefined ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve(arrived);
  }

  /** Requests that nobody has asked for yet. */
  get unexpected(): readonly string[] {
    return this.#arrived.map((exchange) => `${exchange.method} ${exchange.path}`);
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  current(): Promise<Access> {
    return Promise.resolve({ server: this.url, headers: { authorization: `Bearer ${this.token}` }, tls: {} });
  }

  invalidate(used: Access): void {
    this.invalidated.push(used.headers.authorization ?? '');
  }

  async #accept(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const exchange = new Exchange(request, Buffer.concat(chunks).toString(), response);
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#arrived.push(exchange);
    else waiting(exchange);
  }
}
