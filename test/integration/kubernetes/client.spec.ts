import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ApiError,
  isAlreadyExists,
  isConflict,
  isGone,
  isInvalid,
  isNamespaceTerminating,
  isNotFound,
  isQuotaExceeded,
  isTransient,
} from '../../../src/modules/kubernetes/api-error.js';
import { AGENT_RUNS, CONFIG_MAPS, JOBS } from '../../../src/modules/kubernetes/resource.js';
import { watchEvents } from '../../../src/modules/kubernetes/watch-events.js';
import { SystemClock } from '../../../src/modules/kubernetes/system-clock.js';
import { sharedApiServer } from '../../support/api-server.js';
import { kubernetesStack } from '../../support/kubernetes-stack.js';

const NAMESPACE = 'kubernetes-client';
const server = sharedApiServer();
const stack = kubernetesStack({ kubeconfig: server.kubeconfigPath }, [NAMESPACE]);
const { client } = stack;
const { signal } = new AbortController();

const namespace = (name: string) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
const configMap = (name: string, more: object = {}) => ({ metadata: { name, ...more }, data: { n: '1' } });

beforeAll(async () => {
  await server.client.send('POST', '/api/v1/namespaces', { body: namespace(NAMESPACE) });
});

afterAll(async () => {
  await stack.close();
  await server.stop();
});

async function errorOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('the client', () => {
  it('creates, reads, patches and deletes', async () => {
    const created = await client.create(CONFIG_MAPS, NAMESPACE, configMap('one'), signal);
    expect(await client.get(CONFIG_MAPS, NAMESPACE, 'one', signal)).toEqual(created);
    const patched = await client.mergePatch(CONFIG_MAPS, NAMESPACE, 'one', { data: { n: null, m: '2' } }, {}, signal);
    expect(patched.data).toEqual({ m: '2' });
    expect(await client.delete(CONFIG_MAPS, NAMESPACE, 'one', { uid: 'another' }, signal)).toBe(false);
    expect(await client.delete(CONFIG_MAPS, NAMESPACE, 'one', { uid: created.metadata.uid }, signal)).toBe(true);
    expect(await client.delete(CONFIG_MAPS, NAMESPACE, 'one', {}, signal)).toBe(false);
    expect(await client.get(CONFIG_MAPS, NAMESPACE, 'one', signal)).toBeUndefined();
  });

  it('deletes an object only as it was read when its resourceVersion is given', async () => {
    const { metadata } = await client.create(CONFIG_MAPS, NAMESPACE, configMap('seen'), signal);
    const { uid, resourceVersion } = metadata;
    await client.mergePatch(CONFIG_MAPS, NAMESPACE, 'seen', { data: { m: '2' } }, {}, signal);
    const error = await errorOf(client.delete(CONFIG_MAPS, NAMESPACE, 'seen', { uid, resourceVersion }, signal));
    expect(error).toMatchObject({ code: 409, reason: 'Conflict' });
    const now = (await client.get(CONFIG_MAPS, NAMESPACE, 'seen', signal))?.metadata.resourceVersion ?? '';
    expect(await client.delete(CONFIG_MAPS, NAMESPACE, 'seen', { uid, resourceVersion: now }, signal)).toBe(true);
  });

  it('lets a stale writer meet a conflict when the patch carries a resourceVersion', async () => {
    const { metadata } = await client.create(CONFIG_MAPS, NAMESPACE, configMap('stale'), signal);
    await client.mergePatch(CONFIG_MAPS, NAMESPACE, 'stale', { data: { n: '2' } }, {}, signal);
    const patch = { metadata: { resourceVersion: metadata.resourceVersion }, data: { n: '3' } };
    expect(isConflict(await errorOf(client.mergePatch(CONFIG_MAPS, NAMESPACE, 'stale', patch, {}, signal)))).toBe(true);
  });

  it('follows the pages of a list', async () => {
    const names = Array.from({ length: 501 }, (_, n) => `page-${n}`);
    const labels = { many: 'yes' };
    await Promise.all(names.map((name) => client.create(CONFIG_MAPS, NAMESPACE, configMap(name, { labels }), signal)));
    stack.requested.length = 0;
    const items = await client.list(CONFIG_MAPS, NAMESPACE, { labelSelector: 'many=yes' }, signal);
    expect(new Set(items.map(({ metadata }) => metadata.name))).toEqual(new Set(names));
    expect(stack.requested).toEqual(['list 200', 'list 200']);
  });

  it('makes a handful of connections for a hundred requests', async () => {
    let connections = 0;
    const count = (): void => void (connections += 1);
    subscribe('undici:client:connected', count);
    for (let round = 0; round < 100; round += 1) await client.get(CONFIG_MAPS, NAMESPACE, 'none', signal);
    unsubscribe('undici:client:connected', count);
    expect(connections).toBeLessThanOrEqual(2);
  });
});

describe('the errors of a real API server', () => {
  it('tell a name that is taken', async () => {
    await client.create(CONFIG_MAPS, NAMESPACE, configMap('taken'), signal);
    expect(isAlreadyExists(await errorOf(client.create(CONFIG_MAPS, NAMESPACE, configMap('taken'), signal)))).toBe(
      true,
    );
  });

  it('tell a namespace that does not exist', async () => {
    const error = await errorOf(client.create(CONFIG_MAPS, 'nowhere', configMap('one'), signal));
    expect(isNotFound(error)).toBe(true);
    expect(isNamespaceTerminating(error)).toBe(true);
  });

  it('tell an object that is not acceptable, with the field', async () => {
    const job = { metadata: { name: 'bad' }, spec: { backoffLimit: -1, template: { spec: { containers: [] } } } };
    const error = await errorOf(client.create(JOBS, NAMESPACE, job, signal));
    expect(isInvalid(error)).toBe(true);
    expect((error as ApiError).causes).toContainEqual(expect.objectContaining({ field: 'spec.backoffLimit' }));
  });

  it('tell a quota that is used up', async () => {
    await server.client.send('POST', '/api/v1/namespaces', { body: namespace('kubernetes-quota') });
    const quotas = '/api/v1/namespaces/kubernetes-quota/resourcequotas';
    const hard = { 'count/jobs.batch': '0' };
    await server.client.send('POST', quotas, { body: { metadata: { name: 'none' }, spec: { hard } } });
    // What the quota controller would write.
    await server.client.send('PATCH', `${quotas}/none/status`, {
      contentType: 'application/merge-patch+json',
      body: { status: { hard, used: { 'count/jobs.batch': '0' } } },
    });
    const pod = { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] };
    const job = { metadata: { generateName: 'one-' }, spec: { template: { spec: pod } } };
    const create = () => errorOf(client.create(JOBS, 'kubernetes-quota', job, signal));
    let error = await create();
    // The quota counts once the server's own watch has seen it.
    while (error === undefined) error = await create();
    expect(error).toBeInstanceOf(ApiError);
    expect(isQuotaExceeded(error)).toBe(true);
  });

  it('tell a namespace that is being deleted', async () => {
    await server.client.send('POST', '/api/v1/namespaces', { body: namespace('kubernetes-ending') });
    // Without a namespace controller it stays in this state.
    await server.client.send('DELETE', '/api/v1/namespaces/kubernetes-ending');
    const error = await errorOf(client.create(CONFIG_MAPS, 'kubernetes-ending', configMap('one'), signal));
    expect(isNamespaceTerminating(error)).toBe(true);
  });

  it('tell a watch that starts too far back', async () => {
    // The server's memory of a kind begins when its definition is installed.
    const target = { resource: AGENT_RUNS, namespace: NAMESPACE, labelSelector: undefined };
    const tools = { transport: stack.transport, clock: new SystemClock(), random: Math.random };
    const watch = async (): Promise<void> => {
      for await (const event of watchEvents(target, '1', tools, signal)) {
        if (event.type !== 'OPEN') throw new Error(`unexpected ${event.type}`);
      }
    };
    let error = await errorOf(watch());
    // 429 as long as the server has not read the new kind itself.
    while (isTransient(error)) error = await errorOf(watch());
    expect(isGone(error)).toBe(true);
  });
});

describe('credentials', () => {
  it('that were rotated on disk are used without a failure', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'rotation-'));
    const tokenFile = join(directory, 'token');
    const kubeconfig = join(directory, 'kubeconfig');
    const config = JSON.parse(await readFile(server.kubeconfigPath, 'utf8')) as { users: object[] };
    const name = 'tokenFile';
    config.users = [{ name: 'admin', user: { 'auth-provider': { name, config: { tokenFile } } } }];
    await writeFile(kubeconfig, JSON.stringify(config));
    await writeFile(tokenFile, 'expired');
    const rotating = kubernetesStack({ kubeconfig }, []);
    expect(await errorOf(rotating.client.get(CONFIG_MAPS, NAMESPACE, 'none', signal))).toMatchObject({ code: 401 });
    await writeFile(tokenFile, server.token);
    expect(await rotating.client.get(CONFIG_MAPS, NAMESPACE, 'none', signal)).toBeUndefined();
    expect(rotating.requested).toEqual(['get 401', 'get 404']);
    await rotating.close();
    await rm(directory, { recursive: true });
  });
});
