import { type ApiServer, startApiServer } from '../../support/api-server.js';
import { compactEtcd } from '../../support/api-server/etcd.js';
import { installCrds } from '../../support/api-server.shared.js';
import { EtcdHistory, type StoredVersion } from '../../support/etcd-history.js';

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const MERGE = 'application/merge-patch+json';

let server: ApiServer;
let history: EtcdHistory;

beforeAll(async () => {
  server = await startApiServer({ storageJson: true });
  await installCrds(server);
  history = await EtcdHistory.start(server.etcdUrl);
}, 120_000);

afterAll(async () => {
  await history.stop();
  await server.stop();
});

/** `type name value` of each version of the ConfigMaps whose name begins with `prefix`. */
const told = (versions: readonly StoredVersion[], prefix: string): string[] =>
  versions
    .filter(({ object }) => object.metadata.name.startsWith(prefix))
    .map(
      ({ type, object }) => `${type} ${object.metadata.name} ${(object as { data?: { n?: string } }).data?.n ?? ''}`,
    );

const create = async (name: string): Promise<{ metadata: { resourceVersion: string; uid: string } }> =>
  (await server.client.send('POST', CONFIG_MAPS, { body: { metadata: { name }, data: { n: '1' } } })).body as never;

const remove = (name: string) => server.client.send('DELETE', `${CONFIG_MAPS}/${name}`);

describe('the history', () => {
  it('has every version in the order of the writes, deletions too', async () => {
    const { metadata } = await create('all-a');
    await create('all-b');
    await server.client.send('PATCH', `${CONFIG_MAPS}/all-a`, { contentType: MERGE, body: { data: { n: '2' } } });
    await remove('all-a');
    await history.upTo();
    expect(told(history.versions('configmaps'), 'all-')).toEqual([
      'put all-a 1',
      'put all-b 1',
      'put all-a 2',
      'delete all-a 2',
    ]);
    const first = history.versions('configmaps').find(({ object }) => object.metadata.name === 'all-a');
    expect(first?.object.metadata).toMatchObject(metadata);
    expect(first).toMatchObject({
      modRevision: Number(metadata.resourceVersion),
      createRevision: Number(metadata.resourceVersion),
    });
  });

  it('tells an object from the next of its name', async () => {
    await create('again');
    await remove('again');
    await create('again');
    await history.upTo();
    expect(history.created('configmaps', ({ metadata }) => metadata.name === 'again')).toBe(2);
    const created = history.versions('configmaps').filter(({ object }) => object.metadata.name === 'again');
    expect(new Set(created.map(({ createRevision }) => createRevision)).size).toBe(2);
  });

  it('knows kinds of CRDs by their plural, and what was stored before it began', async () => {
    const name = 'agentruns.agents.proompteng.ai';
    const spec = { agentRef: { name: 'a' }, implementationRef: { name: 'i' }, execution: { coordinates: git() } };
    const runs = '/apis/agents.proompteng.ai/v1alpha1/namespaces/default/agentruns';
    const answer = await server.client.send('POST', runs, {
      body: { apiVersion: 'agents.proompteng.ai/v1alpha1', kind: 'AgentRun', metadata: { name: 'r' }, spec },
    });
    expect(answer.status).toBe(201);
    await history.upTo();
    expect(history.versions('agentruns').map(({ object }) => object.kind)).toEqual(['AgentRun']);
    expect(history.created('customresourcedefinitions', ({ metadata }) => metadata.name === name)).toBe(1);
    expect(history.versions('namespaces').map(({ object }) => object.metadata.name)).toContain('default');
    expect(history.created('nothing')).toBe(0);
  });

  it('tells a handler of every version once, in order, from the first on', async () => {
    await create('handler-a');
    await history.upTo();
    const seen: StoredVersion[] = [];
    history.onVersion((_resource, version) => seen.push(version));
    await create('handler-b');
    await history.upTo();
    expect(told(seen, 'handler-')).toEqual(['put handler-a 1', 'put handler-b 1']);
    const revisions = seen.map(({ modRevision }) => modRevision);
    expect(revisions).toEqual(revisions.toSorted((a, b) => a - b));
    expect(seen.length).toBeGreaterThan(history.versions('configmaps').length);
  });

  it('says that it cannot read protobuf, instead of finding nothing', async () => {
    const key = btoa('/registry/gadgets/default/g');
    const body = JSON.stringify({ key, value: btoa('k8s\0…'.replace('…', 'x')) });
    await fetch(`${server.etcdUrl}/v3/kv/put`, { method: 'POST', body });
    await history.upTo();
    expect(() => history.versions('gadgets')).toThrow('gadgets are stored as protobuf');
  });
});

describe('a history that has ended', () => {
  it('keeps what it has when it was stopped', async () => {
    const short = await EtcdHistory.start(server.etcdUrl);
    const { length } = short.versions('namespaces');
    await short.stop();
    expect(short.versions('namespaces')).toHaveLength(length);
  });
});

describe('a server of its own', () => {
  const list = (query: string) => server.client.send('GET', `${CONFIG_MAPS}?${query}`);
  /** The answer to a watch: the server ends it after a second. */
  const watch = (resourceVersion: string) =>
    list(`watch=true&timeoutSeconds=1&resourceVersion=${resourceVersion}`).then(({ status, body }) => ({
      status,
      text: JSON.stringify(body),
    }));

  it('is gone when it is killed, and has everything when it is back; the history goes on', async () => {
    await create('kill-a');
    await server.kill();
    await expect(list('limit=1')).rejects.toThrow('ECONNREFUSED');
    await server.restart();
    expect((await server.client.send('GET', `${CONFIG_MAPS}/kill-a`)).status).toBe(200);
    await create('kill-b');
    await history.upTo();
    expect(told(history.versions('configmaps'), 'kill-')).toEqual(['put kill-a 1', 'put kill-b 1']);
  }, 60_000);

  it('answers 410 for what is older than its compaction once its cache does not reach back', async () => {
    const { metadata } = await create('compact-a');
    await create('compact-b');
    await server.compact();
    expect((await watch(metadata.resourceVersion)).text).toContain('compact-b');
    await server.restart();
    const { status, text } = await watch(metadata.resourceVersion);
    expect(`${status} ${text}`).toMatch(/410/);
    const exact = await list(`resourceVersionMatch=Exact&resourceVersion=${metadata.resourceVersion}`);
    expect(exact).toMatchObject({ status: 410, body: { reason: 'Expired' } });
    await create('compact-c');
    await history.upTo();
    expect(told(history.versions('configmaps'), 'compact-')).toEqual(['a', 'b', 'c'].map((n) => `put compact-${n} 1`));
  }, 60_000);

  it('gives no history to one that begins after a compaction', async () => {
    await compactEtcd(server.etcdUrl);
    await expect(EtcdHistory.start(server.etcdUrl)).rejects.toThrow('etcd was compacted before the history began');
  });
});

function git(): object {
  return { git: { url: 'https://example.com/r.git' } };
}
