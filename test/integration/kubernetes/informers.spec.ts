import { AGENT_RUNS, CONFIG_MAPS } from '../../../src/modules/kubernetes/resource.js';
import type { ConfigMap } from '../../../src/modules/kubernetes/wire.js';
import { sharedApiServer } from '../../support/api-server.js';
import { EventLog, kubernetesStack, type KubernetesStack } from '../../support/kubernetes-stack.js';

const NAMESPACES = ['kubernetes-informers-a', 'kubernetes-informers-b'] as const;
const [A, B] = NAMESPACES;
const server = sharedApiServer();
const { signal } = new AbortController();
let stack: KubernetesStack;

beforeAll(async () => {
  for (const name of NAMESPACES) {
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
    await server.client.send('POST', '/api/v1/namespaces', { body });
  }
});

beforeEach(() => {
  stack = kubernetesStack({ kubeconfig: server.kubeconfigPath }, NAMESPACES);
});

afterEach(() => stack.close());
afterAll(() => server.stop());

const configMap = (name: string, n = '1') => ({ metadata: { name }, data: { n } });

async function start(log: (objects: ConfigMap) => readonly string[] = () => []) {
  const informer = stack.informers.register(CONFIG_MAPS, { indexes: { n: log } });
  const events = new EventLog(informer);
  stack.informers.start(signal);
  await stack.informers.waitForSync(signal);
  return { informer, events };
}

describe('informers against a real API server', () => {
  it('follow an object from its creation to its end', async () => {
    const { informer, events } = await start(({ data }) => [data?.['n'] ?? '']);
    const created = await stack.client.create(CONFIG_MAPS, A, configMap('life'), signal);
    const { uid } = created.metadata;
    const added = await events.until(({ object }) => object.metadata.uid === uid);
    expect(added).toMatchObject({ type: 'added', object: { kind: 'ConfigMap', apiVersion: 'v1', data: { n: '1' } } });
    expect(added.object.metadata).not.toHaveProperty('managedFields');
    expect(Object.isFrozen(added.object)).toBe(true);
    await stack.client.mergePatch(CONFIG_MAPS, A, 'life', { data: { n: 'two' } }, {}, signal);
    await events.until(({ type, object }) => type === 'updated' && object.metadata.uid === uid);
    expect(informer.byIndex('n', 'two').map(({ metadata }) => metadata.name)).toEqual(['life']);
    await stack.client.delete(CONFIG_MAPS, A, 'life', {}, signal);
    const deleted = await events.until(({ type, object }) => type === 'deleted' && object.metadata.uid === uid);
    expect(deleted.object.data).toEqual({ n: 'two' });
    expect(informer.get(A, 'life')).toBeUndefined();
  });

  it('gather several namespaces in one cache', async () => {
    const { informer, events } = await start();
    await stack.client.create(CONFIG_MAPS, A, configMap('same'), signal);
    await stack.client.create(CONFIG_MAPS, B, configMap('same'), signal);
    const isThere = (namespace: string) =>
      events.until(({ object }) => object.metadata.namespace === namespace && object.metadata.name === 'same');
    await Promise.all([isThere(A), isThere(B)]);
    expect([informer.get(A, 'same'), informer.get(B, 'same')]).not.toContain(undefined);
    expect(stack.informers.health()).toMatchObject([
      { kind: 'ConfigMap', namespace: A, synced: true, relists: 0 },
      { kind: 'ConfigMap', namespace: B, synced: true, relists: 0 },
    ]);
  });

  it('tell an object re-created in a gap as deleted and added', async () => {
    const old = await stack.client.create(CONFIG_MAPS, A, configMap('again'), signal);
    const { events } = await start();
    await stack.informers.stop();
    await stack.client.delete(CONFIG_MAPS, A, 'again', {}, signal);
    const renewed = await stack.client.create(CONFIG_MAPS, A, configMap('again'), signal);
    stack.informers.start(signal);
    await events.until(({ object }) => object.metadata.uid === renewed.metadata.uid);
    const types = events.seen.filter(({ object }) => object.metadata.name === 'again');
    expect(types.map(({ type, object }) => [type, object.metadata.uid])).toEqual([
      ['added', old.metadata.uid],
      ['deleted', old.metadata.uid],
      ['added', renewed.metadata.uid],
    ]);
  });

  it('have what is behind the first page of a list', async () => {
    const namespace = 'kubernetes-informers-pages';
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
    await server.client.send('POST', '/api/v1/namespaces', { body });
    const path = `/api/v1/namespaces/${namespace}/configmaps`;
    const create = (n: number) => server.client.send('POST', path, { body: configMap(`page-${n}`) });
    for (let n = 0; n < 501; n += 50) {
      await Promise.all(Array.from({ length: Math.min(50, 501 - n) }, (_, more) => create(n + more)));
    }
    const paged = kubernetesStack({ kubeconfig: server.kubeconfigPath }, [namespace]);
    try {
      const informer = paged.informers.register(CONFIG_MAPS, {});
      paged.informers.start(signal);
      await paged.informers.waitForSync(signal);
      expect(informer.list()).toHaveLength(501);
      expect(paged.requested.filter((request) => request === 'list 200')).toHaveLength(2);
    } finally {
      await paged.close();
    }
  }, 30_000);

  it('watch custom resources', async () => {
    const runs = new EventLog(stack.informers.register(AGENT_RUNS, {}));
    stack.informers.start(signal);
    await stack.informers.waitForSync(signal);
    const spec = {
      agentRef: { name: 'agent' },
      implementation: { inline: { text: 'do it' } },
      execution: { coordinates: { git: { url: 'https://git.example/repo.git' } } },
    };
    const body = { apiVersion: 'agents.proompteng.ai/v1alpha1', kind: 'AgentRun', metadata: { name: 'run' }, spec };
    await stack.client.create(AGENT_RUNS, A, body, signal);
    const { object } = await runs.until(({ type }) => type === 'added');
    expect(object.spec.agentRef.name).toBe('agent');
  });
});
