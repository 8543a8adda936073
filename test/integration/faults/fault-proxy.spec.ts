import { Agent, request } from 'undici';
import { ApiClient, type ApiAnswer } from '../../support/api-server/api-client.js';
import { type ApiServer, sharedApiServer } from '../../support/api-server.js';
import { eventually } from '../../support/eventually.js';
import { type Fault, FaultProxy, type FaultKind, type Match } from '../../support/fault-proxy/fault-proxy.js';
import { lines } from '../../support/lines.js';
import { seededRandom } from '../../support/seeded-random.js';

const NAMESPACE = 'fault-proxy';
const CONFIG_MAPS = `/api/v1/namespaces/${NAMESPACE}/configmaps`;
const HOUR_MS = 3_600_000;
/** Codes of the errors that a client has of a reset connection. */
const RESET = /ECONNRESET|UND_ERR_SOCKET/;

const server: ApiServer = sharedApiServer();
let proxy: FaultProxy;
let client: ApiClient;
let watches: Watch[];
let names = 0;

beforeAll(async () => {
  await server.client.send('POST', '/api/v1/namespaces', { body: { metadata: { name: NAMESPACE } } });
});

beforeEach(async () => {
  proxy = await FaultProxy.start(server, seededRandom(7));
  client = new ApiClient({ ...server.handle, url: proxy.url });
  watches = [];
});

afterEach(async () => {
  await Promise.all(watches.map((watch) => watch.close()));
  await client.close();
  await proxy.stop();
});

afterAll(async () => {
  await server.stop();
});

const newName = (): string => `c-${(names += 1)}`;

/** Creates a ConfigMap through the proxy. */
const create = (name: string): Promise<ApiAnswer> => client.send('POST', CONFIG_MAPS, { body: { metadata: { name } } });

/** What the server has, asked without the proxy. */
const exists = async (name: string): Promise<boolean> =>
  (await server.client.send('GET', `${CONFIG_MAPS}/${name}`)).status === 200;

const newAgent = (): Agent => new Agent({ connect: { ca: server.certificate } });

const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'it was answered',
    (error: unknown) => (error as { code?: string }).code ?? (error as Error).message,
  );

/** A watch of the ConfigMaps through the proxy, from now on. */
class Watch {
  readonly events: { type: string; name: string; code?: number }[] = [];
  /** What it ended with; undefined while it is open. */
  end: string | undefined;
  readonly #agent: Agent;

  private constructor(agent: Agent) {
    this.#agent = agent;
  }

  static async open(query = ''): Promise<Watch> {
    const { body } = await server.client.send('GET', `${CONFIG_MAPS}?limit=1`);
    const { resourceVersion } = (body as { metadata: { resourceVersion: string } }).metadata;
    const agent = newAgent();
    const watch = new Watch(agent);
    watches.push(watch);
    const answer = await request(`${proxy.url}${CONFIG_MAPS}?watch=true&resourceVersion=${resourceVersion}${query}`, {
      dispatcher: agent,
      headers: { authorization: `Bearer ${server.token}` },
    });
    void watch.#follow(answer.body);
    return watch;
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

  get names(): string[] {
    return this.events.map(({ name }) => name);
  }

  async saw(name: string): Promise<void> {
    await eventually(() => expect(this.names).toContain(name));
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}

describe('a proxy without faults', () => {
  it('passes requests and answers on, and records them as the authoriser names them', async () => {
    const name = newName();
    expect((await create(name)).status).toBe(201);
    expect((await create(name)).status).toBe(409);
    const patch = { contentType: 'application/merge-patch+json', body: { data: { k: 'ü\u2028' } } };
    const patched = await client.send('PATCH', `${CONFIG_MAPS}/${name}`, patch);
    expect(patched.body).toMatchObject({ data: { k: 'ü\u2028' } });
    await client.send('GET', `${CONFIG_MAPS}/${name}`);
    await client.send('GET', '/apis/agents.proompteng.ai/v1alpha1/agentruns?limit=5');
    await client.send('GET', `/apis/agents.proompteng.ai/v1alpha1/namespaces/${NAMESPACE}/agentruns/r/status`);
    await client.send('DELETE', `${CONFIG_MAPS}/${name}`);
    await client.send('DELETE', '/apis/batch/v1/namespaces/nowhere/jobs');
    await client.send('GET', '/api/v1/namespaces/default');
    await client.send('GET', '/readyz');
    const there = { resource: 'configmaps', namespace: NAMESPACE, name };
    expect(proxy.requests).toEqual([
      { verb: 'create', ...there, code: 201 },
      { verb: 'create', ...there, code: 409 },
      { verb: 'patch', ...there, code: 200 },
      { verb: 'get', ...there, code: 200 },
      { verb: 'list', resource: 'agentruns', code: 200 },
      { verb: 'get', resource: 'agentruns', subresource: 'status', namespace: NAMESPACE, name: 'r', code: 404 },
      { verb: 'delete', ...there, code: 200 },
      { verb: 'deletecollection', resource: 'jobs', namespace: 'nowhere', code: 200 },
      { verb: 'get', resource: 'namespaces', name: 'default', code: 200 },
      { verb: 'get', resource: '/readyz', code: 200 },
    ]);
  });

  it('passes watches on, event by event, and knows which are open', async () => {
    const [all, one] = [await Watch.open(), await Watch.open('&fieldSelector=metadata.name%3Done')];
    expect(proxy.openStreams).toBe(2);
    expect(proxy.requests.at(-1)).toMatchObject({ verb: 'watch', resource: 'configmaps', name: 'one', code: 200 });
    await create('one');
    await Promise.all([all.saw('one'), one.saw('one')]);
    await one.close();
    await eventually(() => expect(proxy.openStreams).toBe(1));
    expect(all.end).toBeUndefined();
  });

  it('serves kubectl with its kubeconfig', async () => {
    const through = await server.kubectl(['--kubeconfig', proxy.kubeconfigPath, 'get', 'namespace', NAMESPACE]);
    expect([through.code, through.stderr]).toEqual([0, '']);
    expect(proxy.requests.length).toBeGreaterThan(0);
  });

  it('resets everything that is open when it is severed, and goes on', async () => {
    const watch = await Watch.open();
    proxy.sever();
    await eventually(() => expect(watch.end).toMatch(RESET));
    expect((await create(newName())).status).toBe(201);
    await eventually(() => expect(proxy.openStreams).toBe(0));
  });
});

describe('a fault of a request', () => {
  it('reset: breaks the connection and nothing arrives', async () => {
    const name = newName();
    const injection = proxy.inject({ verb: 'create', name }, { kind: 'reset' });
    expect(await failureOf(create(name))).toMatch(RESET);
    expect([await exists(name), injection.hits]).toEqual([false, 1]);
    expect(proxy.requests.at(-1)).toMatchObject({ name, code: 0 });
  });

  it('lostResponse: the server did it and the client cannot know', async () => {
    const name = newName();
    proxy.inject({ verb: 'create', name }, { kind: 'lostResponse' });
    expect(await failureOf(create(name))).toMatch(RESET);
    expect(await exists(name)).toBe(true);
    expect(proxy.requests.at(-1)).toMatchObject({ name, code: 0 });
  });

  it('halfOpen: accepts, sends nothing on and never answers', async () => {
    const name = newName();
    const injection = proxy.inject({ verb: 'create', name }, { kind: 'halfOpen' });
    let settled = false;
    const waiting = failureOf(create(name)).finally(() => (settled = true));
    await injection.hit();
    expect((await create(newName())).status).toBe(201);
    expect([settled, await exists(name)]).toEqual([false, false]);
    proxy.sever();
    expect(await waiting).toMatch(RESET);
  });

  it('cut: the answer ends in the middle of its document', async () => {
    const name = newName();
    proxy.inject({ verb: 'create', name }, { kind: 'cut' });
    const { status, body } = await create(name);
    expect([status, typeof body, String(body).slice(0, 8)]).toEqual([201, 'string', '{"kind":']);
  });

  it.each<[string, Fault, number, string, number | undefined]>([
    ['gone', { kind: 'gone' }, 410, 'Expired', undefined],
    ['status: conflict', { kind: 'status', code: 409 }, 409, 'Conflict', undefined],
    ['status: overload', { kind: 'status', code: 429, retryAfterSeconds: 3 }, 429, 'TooManyRequests', 3],
    ['status: unavailable', { kind: 'status', code: 503 }, 503, 'ServiceUnavailable', undefined],
    ['status: of its own reason', { kind: 'status', code: 500, reason: 'Odd' }, 500, 'Odd', undefined],
  ])('%s: answers the error and sends nothing on', async (_name, fault, code, reason, retryAfterSeconds) => {
    const name = newName();
    proxy.inject({ verb: 'create', name }, fault);
    const agent = newAgent();
    const answer = await request(proxy.url + CONFIG_MAPS, {
      method: 'POST',
      body: JSON.stringify({ metadata: { name } }),
      dispatcher: agent,
      headers: { authorization: `Bearer ${server.token}` },
    });
    expect([answer.statusCode, answer.headers['retry-after']]).toEqual([code, retryAfterSeconds?.toString()]);
    expect(await answer.body.json()).toMatchObject({ kind: 'Status', status: 'Failure', code, reason });
    await agent.destroy();
    expect([await exists(name), proxy.requests.at(-1)?.code]).toEqual([false, code]);
  });

  it('latency: holds a request back, and a write arrives though nobody waits any more', async () => {
    const name = newName();
    const injection = proxy.inject({ verb: 'create', name }, { kind: 'latency', ms: HOUR_MS });
    const impatient = new ApiClient({ ...server.handle, url: proxy.url });
    const waiting = failureOf(impatient.send('POST', CONFIG_MAPS, { body: { metadata: { name } } }));
    await injection.hit();
    expect(await exists(name)).toBe(false);
    await impatient.close();
    expect(await waiting).not.toBe('it was answered');
    injection.remove();
    await eventually(async () => expect(await exists(name)).toBe(true));
  });

  it('latency: lets a request through in its time', async () => {
    const injection = proxy.inject({ verb: 'create' }, { kind: 'latency', ms: 50 });
    expect((await create(newName())).status).toBe(201);
    expect(injection.hits).toBe(1);
  });
});

describe('a request that is held back', () => {
  it('goes on at once when its injection is removed', async () => {
    const name = newName();
    const injection = proxy.inject({ verb: 'create', name }, { kind: 'latency', ms: HOUR_MS });
    const waiting = create(name);
    await injection.hit();
    expect(await exists(name)).toBe(false);
    injection.remove();
    expect((await waiting).status).toBe(201);
  });
});

describe('a fault of a watch', () => {
  it.each<[string, Fault, string, number]>([
    ['halfOpen: silence for ever', { kind: 'halfOpen' }, 'silent', 0],
    ['gone: an ERROR event and the end', { kind: 'gone' }, 'ended', 1],
  ])('%s, when it opens', async (_name, fault, end, events) => {
    proxy.inject({ verb: 'watch', resource: 'configmaps' }, fault);
    const [struck, other] = [await Watch.open(), await Watch.open()];
    const name = newName();
    await create(name);
    await other.saw(name);
    await eventually(() => expect(struck.end ?? 'silent').toBe(end));
    expect(struck.events).toHaveLength(events);
    expect(struck.events.every(({ type, code }) => type === 'ERROR' && code === 410)).toBe(true);
  });

  it.each<[string, Fault, string]>([
    ['halfOpen: silence after what came so far', { kind: 'halfOpen' }, 'silent'],
    ['gone: an ERROR event and the end after what came so far', { kind: 'gone' }, 'ended'],
  ])('%s, when it is open already', async (_name, fault, end) => {
    const [struck, other, first, second] = [await Watch.open(), await Watch.open(), newName(), newName()];
    await create(first);
    await struck.saw(first);
    expect(proxy.inject({ verb: 'watch' }, fault).hits).toBe(1);
    await create(second);
    await other.saw(second);
    await eventually(() => expect(struck.end ?? 'silent').toBe(end));
    expect(struck.names).not.toContain(second);
    expect(proxy.openStreams).toBe(end === 'silent' ? 2 : 1);
  });

  it('cut: the stream ends in the middle of the event about the object', async () => {
    const [watch, before, cut] = [await Watch.open(), newName(), newName()];
    proxy.inject({ verb: 'watch', name: cut }, { kind: 'cut' });
    await create(before);
    await create(cut);
    await eventually(() => expect(watch.end).toBe('ended in {"type":'));
    expect(watch.names).toEqual([before]);
  });

  it('dropEvent: one event vanishes and the stream goes on', async () => {
    const [watch, dropped, kept] = [await Watch.open(), newName(), newName()];
    proxy.inject({ resource: 'configmaps', name: dropped, namespace: NAMESPACE }, { kind: 'dropEvent' });
    await create(dropped);
    await create(kept);
    await client.send('DELETE', `${CONFIG_MAPS}/${dropped}`);
    await eventually(() => expect(watch.events).toHaveLength(2));
    expect(watch.events).toEqual([
      { type: 'ADDED', name: kept },
      { type: 'DELETED', name: dropped },
    ]);
  });

  it('lag: keeps events back, in order, until it is removed', async () => {
    const [lagging, fresh, sent] = [await Watch.open(), await Watch.open(), [newName(), newName(), newName()]];
    const lag = proxy.inject({ verb: 'watch' }, { kind: 'lag', ms: HOUR_MS });
    for (const name of sent) await create(name);
    await fresh.saw(sent[2]!);
    expect(lagging.names).toEqual([]);
    lag.remove();
    await eventually(() => expect(lagging.names).toEqual(sent));
    const later = newName();
    await create(later);
    await lagging.saw(later);
  });

  it('lag: lets each event through in its time', async () => {
    proxy.inject({ verb: 'watch' }, { kind: 'lag', ms: 50 });
    const [watch, name] = [await Watch.open(), newName()];
    await create(name);
    await watch.saw(name);
  });

  it.each<[string, Fault]>([
    ['reset', { kind: 'reset' }],
    ['lostResponse', { kind: 'lostResponse' }],
  ])('%s: the watch does not open', async (_name, fault) => {
    proxy.inject({ verb: 'watch' }, fault);
    expect(await failureOf(Watch.open())).toMatch(RESET);
    expect(proxy.openStreams).toBe(0);
  });
});

describe('an injection', () => {
  it('hits as often as it was told, in turn with those before it, and counts', async () => {
    const match: Match = { verb: ['create', 'patch'], resource: 'configmaps', subresource: '' };
    const first = proxy.inject(match, { kind: 'status', code: 500 }, 2);
    const second = proxy.inject(match, { kind: 'status', code: 503 });
    const answers: number[] = [];
    for (let n = 0; n < 4; n += 1) answers.push((await create(newName())).status);
    expect(answers).toEqual([500, 500, 503, 201]);
    expect([first.hits, second.hits, proxy.counts.get('status')]).toEqual([2, 1, 3]);
  });

  it('lets everything pass once it is removed', async () => {
    const injection = proxy.inject({}, { kind: 'status', code: 500 }, Infinity);
    expect((await create(newName())).status).toBe(500);
    injection.remove();
    expect((await create(newName())).status).toBe(201);
  });

  it.each<[keyof Match, string]>([
    ['verb', 'get'],
    ['resource', 'secrets'],
    ['subresource', 'status'],
    ['namespace', 'elsewhere'],
    ['name', 'another'],
  ])('passes by what differs in its %s', async (field, value) => {
    const injection = proxy.inject({ [field]: value }, { kind: 'reset' });
    expect((await create(newName())).status).toBe(201);
    expect(injection.hits).toBe(0);
  });
});

describe('random faults', () => {
  const draws = async (seed: number): Promise<number[]> => {
    const own = await FaultProxy.start(server, seededRandom(seed));
    const through = new ApiClient({ ...server.handle, url: own.url });
    own.randomly({ status: 0.5 }, { verb: 'get' });
    const codes: number[] = [];
    for (let n = 0; n < 20; n += 1) codes.push((await through.send('GET', CONFIG_MAPS + '/none')).status);
    await through.close();
    await own.stop();
    return codes;
  };

  it('are the same for the same seed', async () => {
    const first = await draws(11);
    expect(await draws(11)).toEqual(first);
    expect(await draws(12)).not.toEqual(first);
    expect(new Set(first).size).toBeGreaterThan(1);
  });

  it('strike watches in mid-stream and can be ended', async () => {
    const kinds: FaultKind[] = ['dropEvent', 'cut', 'gone', 'halfOpen'];
    const injection = proxy.randomly(Object.fromEntries(kinds.map((kind) => [kind, 0.3])), { resource: 'configmaps' });
    // A creation is a request too: `cut` and the others may strike it.
    for (let n = 0; n < 20; n += 1) {
      await Watch.open();
      await server.client.send('POST', CONFIG_MAPS, { body: { metadata: { name: newName() } } });
      await eventually(() => expect(injection.hits).toBeGreaterThan(0));
    }
    await eventually(() => expect([...proxy.counts.keys()].toSorted()).toEqual(kinds.toSorted()));
    injection.remove();
    const [watch, name] = [await Watch.open(), newName()];
    await create(name);
    await watch.saw(name);
  });
});
