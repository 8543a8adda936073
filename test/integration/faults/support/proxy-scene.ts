import { Agent, request } from 'undici';
import { type ApiAnswer, ApiClient } from '../../../support/api-server/api-client.js';
import type { ApiServer } from '../../../support/api-server.js';
import { eventually } from '../../../support/eventually.js';
import { FaultProxy } from '../../../support/fault-proxy/fault-proxy.js';
import { lines } from '../../../support/lines.js';
import { seededRandom } from '../../../support/seeded-random.js';

/** Longer than any test: only its removal ends such a fault. */
export const HOUR_MS = 3_600_000;
/** Codes of the errors that a client has of a reset connection. */
export const RESET = /ECONNRESET|UND_ERR_SOCKET/;

export const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'it was answered',
    (error: unknown) => (error as { code?: string }).code ?? (error as Error).message,
  );

/** A proxy, and a client behind it that is no part of the code under test. */
export class ProxyScene {
  readonly server: ApiServer;
  readonly proxy: FaultProxy;
  readonly client: ApiClient;
  /** Of the ConfigMaps that it is all about. */
  readonly path: string;
  readonly #watches: ProxiedWatch[] = [];
  static #names = 0;

  private constructor(server: ApiServer, proxy: FaultProxy, namespace: string) {
    this.server = server;
    this.proxy = proxy;
    this.client = new ApiClient({ ...server.handle, url: proxy.url });
    this.path = `/api/v1/namespaces/${namespace}/configmaps`;
  }

  /** Whoever opens it closes it. */
  static async open(server: ApiServer, namespace: string): Promise<ProxyScene> {
    return new ProxyScene(server, await FaultProxy.start(server, seededRandom(7)), namespace);
  }

  newName(): string {
    return `c-${(ProxyScene.#names += 1)}`;
  }

  newAgent(): Agent {
    return new Agent({ connect: { ca: this.server.certificate } });
  }

  /** Creates a ConfigMap through the proxy. */
  create(name: string): Promise<ApiAnswer> {
    return this.client.send('POST', this.path, { body: { metadata: { name } } });
  }

  /** What the server has, asked without the proxy. */
  async exists(name: string): Promise<boolean> {
    return (await this.server.client.send('GET', `${this.path}/${name}`)).status === 200;
  }

  /** A watch of the ConfigMaps through the proxy, from now on. */
  async watch(query = ''): Promise<ProxiedWatch> {
    const { body } = await this.server.client.send('GET', `${this.path}?limit=1`);
    const { resourceVersion } = (body as { metadata: { resourceVersion: string } }).metadata;
    const watch = new ProxiedWatch(this.newAgent());
    this.#watches.push(watch);
    const url = `${this.proxy.url}${this.path}?watch=true&resourceVersion=${resourceVersion}${query}`;
    await watch.open(url, this.server.token);
    return watch;
  }

  async close(): Promise<void> {
    await Promise.all(this.#watches.map((watch) => watch.close()));
    await this.client.close();
    await this.proxy.stop();
  }
}

/** One for each test of a file, in a namespace that is made for them; they stop the server at their end. */
export function aSceneForEachTest(server: ApiServer, namespace: string, opened: (scene: ProxyScene) => void): void {
  const open: ProxyScene[] = [];

  beforeAll(async () => {
    await server.client.send('POST', '/api/v1/namespaces', { body: { metadata: { name: namespace } } });
  });

  beforeEach(async () => {
    const scene = await ProxyScene.open(server, namespace);
    open.push(scene);
    opened(scene);
  });

  afterEach(() => open.pop()?.close());

  afterAll(() => server.stop());
}

export class ProxiedWatch {
  readonly events: { type: string; name: string; code?: number }[] = [];
  /** What it ended with; undefined while it is open. */
  end: string | undefined;
  readonly #agent: Agent;

  constructor(agent: Agent) {
    this.#agent = agent;
  }

  get names(): string[] {
    return this.events.map(({ name }) => name);
  }

  async open(url: string, token: string): Promise<void> {
    const headers = { authorization: `Bearer ${token}` };
    const { body } = await request(url, { dispatcher: this.#agent, headers });
    void this.#follow(body);
  }

  async saw(name: string): Promise<void> {
    await eventually(() => expect(this.names).toContain(name));
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #follow(body: AsyncIterable<Buffer>): Promise<void> {
    try {
      let rest = '';
      const seen = async function* (): AsyncGenerator<Buffer> {
        for await (const chunk of body) {
          rest = (rest + chunk.toString('utf8')).split('\n').at(-1) ?? '';
          yield chunk;
        }
      };
      for await (const line of lines(seen())) {
        const { type, object } = JSON.parse(line) as {
          type: string;
          object: { metadata: { name: string }; code?: number };
        };
        this.events.push({ type, name: object.metadata.name, ...(object.code && { code: object.code }) });
      }
      this.end = rest === '' ? 'ended' : `ended in ${rest.slice(0, 8)}`;
    } catch (error) {
      this.end = (error as { code?: string }).code ?? 'broken';
    }
  }
}
