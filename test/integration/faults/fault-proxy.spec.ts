import { request } from 'undici';
import { ApiClient } from '../../support/api-server/api-client.js';
import { sharedApiServer } from '../../support/api-server.js';
import { eventually } from '../../support/eventually.js';
import { type Fault, FaultProxy, type Match } from '../../support/fault-proxy/fault-proxy.js';
import { seededRandom } from '../../support/seeded-random.js';
import { aSceneForEachTest, failureOf, HOUR_MS, ProxyScene, RESET } from './support/proxy-scene.js';

const NAMESPACE = 'fault-proxy';

const server = sharedApiServer();
let scene: ProxyScene;

aSceneForEachTest(server, NAMESPACE, (opened) => (scene = opened));

describe('a proxy without faults', () => {
  it('passes requests and answers on, and records them as the authoriser names them', async () => {
    const name = scene.newName();
    expect((await scene.create(name)).status).toBe(201);
    expect((await scene.create(name)).status).toBe(409);
    const patch = { contentType: 'application/merge-patch+json', body: { data: { k: 'ü\u2028' } } };
    const patched = await scene.client.send('PATCH', `${scene.path}/${name}`, patch);
    expect(patched.body).toMatchObject({ data: { k: 'ü\u2028' } });
    await scene.client.send('GET', `${scene.path}/${name}`);
    await scene.client.send('GET', '/apis/agents.proompteng.ai/v1alpha1/agentruns?limit=5');
    await scene.client.send('GET', `/apis/agents.proompteng.ai/v1alpha1/namespaces/${NAMESPACE}/agentruns/r/status`);
    await scene.client.send('DELETE', `${scene.path}/${name}`);
    await scene.client.send('DELETE', '/apis/batch/v1/namespaces/nowhere/jobs');
    await scene.client.send('GET', '/api/v1/namespaces/default');
    await scene.client.send('GET', '/readyz');
    const there = { resource: 'configmaps', namespace: NAMESPACE, name };
    expect(scene.proxy.requests).toEqual([
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

  it('serves kubectl with its kubeconfig', async () => {
    const through = await server.kubectl(['--kubeconfig', scene.proxy.kubeconfigPath, 'get', 'namespace', NAMESPACE]);
    expect([through.code, through.stderr]).toEqual([0, '']);
    expect(scene.proxy.requests.length).toBeGreaterThan(0);
  });
});

describe('a fault of a request', () => {
  it('reset: breaks the connection and nothing arrives', async () => {
    const name = scene.newName();
    const injection = scene.proxy.inject({ verb: 'create', name }, { kind: 'reset' });
    expect(await failureOf(scene.create(name))).toMatch(RESET);
    expect([await scene.exists(name), injection.hits]).toEqual([false, 1]);
    expect(scene.proxy.requests.at(-1)).toMatchObject({ name, code: 0 });
  });

  it('lostResponse: the server did it and the client cannot know', async () => {
    const name = scene.newName();
    scene.proxy.inject({ verb: 'create', name }, { kind: 'lostResponse' });
    expect(await failureOf(scene.create(name))).toMatch(RESET);
    expect(await scene.exists(name)).toBe(true);
    expect(scene.proxy.requests.at(-1)).toMatchObject({ name, code: 0 });
  });

  it('happens after as many others as it was asked to spare', async () => {
    const names = [scene.newName(), scene.newName(), scene.newName(), scene.newName()];
    const injection = scene.proxy.inject({ verb: 'create' }, { kind: 'reset' }, 1, 2);
    const outcomes: unknown[] = [];
    for (const name of names)
      outcomes.push(
        await scene.create(name).then(
          ({ status }) => status,
          () => 'reset',
        ),
      );
    expect([outcomes, injection.hits]).toEqual([[201, 201, 'reset', 201], 1]);
  });

  it('halfOpen: accepts, sends nothing on and never answers', async () => {
    const name = scene.newName();
    const injection = scene.proxy.inject({ verb: 'create', name }, { kind: 'halfOpen' });
    let settled = false;
    const waiting = failureOf(scene.create(name)).finally(() => (settled = true));
    await injection.hit();
    expect((await scene.create(scene.newName())).status).toBe(201);
    expect([settled, await scene.exists(name)]).toEqual([false, false]);
    scene.proxy.sever();
    expect(await waiting).toMatch(RESET);
  });

  it('cut: the answer ends in the middle of its document', async () => {
    const name = scene.newName();
    scene.proxy.inject({ verb: 'create', name }, { kind: 'cut' });
    const { status, body } = await scene.create(name);
    expect([status, typeof body, String(body).slice(0, 8)]).toEqual([201, 'string', '{"kind":']);
  });

  it.each<[string, Fault, number, string, number | undefined]>([
    ['gone', { kind: 'gone' }, 410, 'Expired', undefined],
    ['status: conflict', { kind: 'status', code: 409 }, 409, 'Conflict', undefined],
    ['status: overload', { kind: 'status', code: 429, retryAfterSeconds: 3 }, 429, 'TooManyRequests', 3],
    ['status: unavailable', { kind: 'status', code: 503 }, 503, 'ServiceUnavailable', undefined],
    ['status: of its own reason', { kind: 'status', code: 500, reason: 'Odd' }, 500, 'Odd', undefined],
  ])('%s: answers the error and sends nothing on', async (_name, fault, code, reason, retryAfterSeconds) => {
    const name = scene.newName();
    scene.proxy.inject({ verb: 'create', name }, fault);
    const agent = scene.newAgent();
    const answer = await request(scene.proxy.url + scene.path, {
      method: 'POST',
      body: JSON.stringify({ metadata: { name } }),
      dispatcher: agent,
      headers: { authorization: `Bearer ${server.token}` },
    });
    expect([answer.statusCode, answer.headers['retry-after']]).toEqual([code, retryAfterSeconds?.toString()]);
    expect(await answer.body.json()).toMatchObject({ kind: 'Status', status: 'Failure', code, reason });
    await agent.destroy();
    expect([await scene.exists(name), scene.proxy.requests.at(-1)?.code]).toEqual([false, code]);
  });

  it('latency: holds a request back, and a write arrives though nobody waits any more', async () => {
    const name = scene.newName();
    const injection = scene.proxy.inject({ verb: 'create', name }, { kind: 'latency', ms: HOUR_MS });
    const impatient = new ApiClient({ ...server.handle, url: scene.proxy.url });
    const waiting = failureOf(impatient.send('POST', scene.path, { body: { metadata: { name } } }));
    await injection.hit();
    expect(await scene.exists(name)).toBe(false);
    await impatient.close();
    expect(await waiting).not.toBe('it was answered');
    injection.remove();
    await eventually(async () => expect(await scene.exists(name)).toBe(true));
  });

  it('latency: lets a request through in its time', async () => {
    const injection = scene.proxy.inject({ verb: 'create' }, { kind: 'latency', ms: 50 });
    expect((await scene.create(scene.newName())).status).toBe(201);
    expect(injection.hits).toBe(1);
  });
});

describe('a request that is held back', () => {
  it('goes on at once when its injection is removed', async () => {
    const name = scene.newName();
    const injection = scene.proxy.inject({ verb: 'create', name }, { kind: 'latency', ms: HOUR_MS });
    const waiting = scene.create(name);
    await injection.hit();
    expect(await scene.exists(name)).toBe(false);
    injection.remove();
    expect((await waiting).status).toBe(201);
  });

  it('reaches no server any more once the proxy has stopped', async () => {
    const [stopped, name] = [await ProxyScene.open(server, NAMESPACE), scene.newName()];
    const injection = stopped.proxy.inject({ verb: 'create', name }, { kind: 'latency', ms: HOUR_MS });
    const waiting = failureOf(stopped.create(name));
    await injection.hit();
    await stopped.close();
    expect(await waiting).not.toBe('it was answered');
    expect(await scene.exists(name)).toBe(false);
  });
});

describe('an injection', () => {
  it('hits as often as it was told, in turn with those before it, and counts', async () => {
    const match: Match = { verb: ['create', 'patch'], resource: 'configmaps', subresource: '' };
    const first = scene.proxy.inject(match, { kind: 'status', code: 500 }, 2);
    const second = scene.proxy.inject(match, { kind: 'status', code: 503 });
    const answers: number[] = [];
    for (let n = 0; n < 4; n += 1) answers.push((await scene.create(scene.newName())).status);
    expect(answers).toEqual([500, 500, 503, 201]);
    expect([first.hits, second.hits, scene.proxy.counts.get('status')]).toEqual([2, 1, 3]);
  });

  it('lets everything pass once it is removed', async () => {
    const injection = scene.proxy.inject({}, { kind: 'status', code: 500 }, Infinity);
    expect((await scene.create(scene.newName())).status).toBe(500);
    injection.remove();
    expect((await scene.create(scene.newName())).status).toBe(201);
  });

  it.each<[keyof Match, string]>([
    ['verb', 'get'],
    ['resource', 'secrets'],
    ['subresource', 'status'],
    ['namespace', 'elsewhere'],
    ['name', 'another'],
  ])('passes by what differs in its %s', async (field, value) => {
    const injection = scene.proxy.inject({ [field]: value }, { kind: 'reset' });
    expect((await scene.create(scene.newName())).status).toBe(201);
    expect(injection.hits).toBe(0);
  });
});

describe('random faults', () => {
  const draws = async (seed: number): Promise<number[]> => {
    const own = await FaultProxy.start(server, seededRandom(seed));
    const through = new ApiClient({ ...server.handle, url: own.url });
    own.randomly({ status: 0.5 }, { verb: 'get' });
    const codes: number[] = [];
    for (let n = 0; n < 20; n += 1) codes.push((await through.send('GET', scene.path + '/none')).status);
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
});
