import { jest } from '@jest/globals';
import { sharedApiServer } from '../../support/api-server.js';
import { buildControlPlane, ControlPlane } from '../../support/control-plane.js';
import { eventually } from '../../support/eventually.js';
import { FaultProxy, type RecordedRequest } from '../../support/fault-proxy/fault-proxy.js';

jest.setTimeout(120_000);

/** Real seconds of a real Lease pass here, on a machine that may be busy. */
const TAKEOVER_DEADLINE_MS = 60_000;
const GROUP = 'agents.proompteng.ai/v1alpha1';
const SPEC_CREATION = { verb: 'create', resource: 'configmaps' } as const;
const READS = ['get', 'list', 'watch'];

const STALL = new URL('../../support/stalling-parse.js', import.meta.url).href;

const server = sharedApiServer();
const ends: (() => Promise<void>)[] = [];

interface Replica {
  readonly process: ControlPlane;
  readonly proxy: FaultProxy;
}

/** One that stands still, and what it had asked for by then: a renewal or an event may be on its way with the ConfigMap. */
interface Stalled extends Replica {
  readonly asked: number;
}

async function start(namespace: string, name: string, nodeOptions = ''): Promise<Replica> {
  const proxy = await FaultProxy.start(server);
  const process = await ControlPlane.start({
    KUBECONFIG: proxy.kubeconfigPath,
    JANGAR_NAMESPACE: namespace,
    JANGAR_RUNNER_IMAGE: 'registry.example/agent-runner:1',
    POD_NAME: name,
    NODE_OPTIONS: nodeOptions,
  });
  ends.push(async () => {
    await process.end();
    await proxy.stop();
  });
  await eventually(async () => expect(await process.get('/readyz')).toMatchObject({ status: 200 }), 60_000);
  return { process, proxy };
}

const leads = ({ process }: Replica, deadlineMs: number): Promise<void> =>
  eventually(async () => expect((await process.get('/metrics')).text).toContain('\njangar_leader 1\n'), deadlineMs);

async function create(namespace: string, kind: string, name: string, spec: object): Promise<void> {
  const path = `/apis/${GROUP}/namespaces/${namespace}/${kind.toLowerCase()}s`;
  const body = { apiVersion: GROUP, kind, metadata: { name }, spec };
  expect(await server.client.send('POST', path, { body })).toMatchObject({ status: 201 });
}

async function createRun(namespace: string): Promise<void> {
  await create(namespace, 'AgentProvider', 'shell', { binary: '/bin/true' });
  await create(namespace, 'Agent', 'coder', { providerRef: { name: 'shell' } });
  await create(namespace, 'AgentRun', 'run', {
    agentRef: { name: 'coder' },
    implementation: { inline: { text: 'do it' } },
    execution: { coordinates: { git: { url: 'https://git.example/x.git' } } },
  });
}

async function leader(namespace: string, nodeOptions?: string): Promise<Replica> {
  await server.client.send('POST', '/api/v1/namespaces', { body: { metadata: { name: namespace } } });
  const replica = await start(namespace, 'first', nodeOptions);
  await leads(replica, TAKEOVER_DEADLINE_MS);
  return replica;
}

/**
 * A leader that is frozen between the two creates of a submission, with the answer to the first in its socket's buffer.
 * The next step would be to create the Job.
 */
async function frozenInAPass(namespace: string): Promise<Stalled> {
  const first = await leader(namespace);
  const hour = { kind: 'latency', ms: 3_600_000 } as const;
  const held = first.proxy.inject(SPEC_CREATION, hour);
  await createRun(namespace);
  await held.hit();
  first.process.send('SIGSTOP');
  held.remove();
  await eventually(() => expect(first.proxy.requests.find(isSpecCreation)?.code).toBe(201));
  return { ...first, asked: first.proxy.requests.length };
}

/** A leader whose event loop is busy from the moment at which it has read the answer to the same creation. */
async function busyInAPass(namespace: string): Promise<Stalled> {
  const replica = await leader(namespace, `--import ${STALL}`);
  await createRun(namespace);
  await eventually(() => expect(replica.process.stderr).toContain('stalled'));
  return { ...replica, asked: replica.proxy.requests.length };
}

async function expectAbdication({ process, proxy, asked }: Stalled): Promise<void> {
  expect(await process.exited()).toBe(1);
  const last = { level: 'fatal', msg: 'leadership is lost: the process ends' };
  expect(process.lines.at(-1)).toMatchObject(last);
  // Everything that it sent has been read.
  await eventually(() => expect(proxy.openConnections).toBe(0));
  const writes = proxy.requests.slice(asked).filter(({ verb }) => !READS.includes(verb));
  expect(writes.map(({ verb, resource }) => `${verb} ${resource}`)).toEqual([]);
}

const jobs = async (namespace: string): Promise<unknown[]> => {
  const { body } = await server.client.send('GET', `/apis/batch/v1/namespaces/${namespace}/jobs`);
  return (body as { items: unknown[] }).items;
};

const isSpecCreation = ({ verb, resource }: RecordedRequest): boolean =>
  verb === SPEC_CREATION.verb && resource === SPEC_CREATION.resource;

/** Stalls while the other one is frozen, so that the suite waits for one of them only. */
let busy: Stalled;

beforeAll(async () => {
  await buildControlPlane();
  busy = await busyInAPass('stall-busy');
}, 120_000);

afterAll(async () => {
  await Promise.all(ends.map((end) => end()));
  await server.stop();
});

describe('a leader whose event loop stands still in the middle of a pass', () => {
  it('ends with 1 and writes nothing more, when it was frozen until another one led', async () => {
    const first = await frozenInAPass('stall-frozen');
    const second = await start('stall-frozen', 'second');
    await leads(second, TAKEOVER_DEADLINE_MS);
    await eventually(async () => expect(await jobs('stall-frozen')).toHaveLength(1));
    first.process.send('SIGCONT');
    await expectAbdication(first);
    expect(await jobs('stall-frozen')).toHaveLength(1);
    expect((await second.process.get('/readyz')).status).toBe(200);
  });

  it('ends with 1 and writes nothing more, when it was busy for 20 s and nobody else is there', async () => {
    await expectAbdication(busy);
    expect(await jobs('stall-busy')).toEqual([]);
  });
});
