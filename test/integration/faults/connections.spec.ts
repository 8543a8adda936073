import { jest } from '@jest/globals';
import { Informers } from '../../../src/modules/kubernetes/informers.js';
import { AGENT_RUNS, JOBS, PODS } from '../../../src/modules/kubernetes/resource.js';
import { sharedApiServer } from '../../support/api-server.js';
import { Candidate } from '../../support/candidate.js';
import { eventually } from '../../support/eventually.js';
import { seededRandom } from '../../support/seeded-random.js';
import { VirtualTime } from '../../support/virtual-time.js';

const NAMESPACE = 'faults-connections';
const WATCHED = Array.from({ length: 20 }, (_, n) => `${NAMESPACE}-${n}`);
const MORE_STREAMS = 100;
/** Connections for everything but watches and the Lease. */
const REQUEST_LANE = 32;
/** Longer than the test in virtual time. */
const HOUR_MS = 3_600_000;
const SECRETS = `/api/v1/namespaces/${NAMESPACE}/secrets`;
const CONFIG_MAPS = `/api/v1/namespaces/${NAMESPACE}/configmaps`;

jest.setTimeout(60_000);

const server = sharedApiServer();
let time: VirtualTime;
let leader: Candidate;
let informers: Informers;
let stop: AbortController;

beforeAll(async () => {
  await server.client.send('POST', '/api/v1/namespaces', { body: { metadata: { name: NAMESPACE } } });
});

beforeEach(async () => {
  time = new VirtualTime();
  stop = new AbortController();
  const random = seededRandom(1);
  const options = { server, time, namespace: NAMESPACE, leaseName: 'jangar', identity: 'leader', random };
  leader = await Candidate.create(options);
  informers = new Informers(leader.transport, time.clock, random, { watchNamespaces: WATCHED });
});

afterEach(async () => {
  stop.abort();
  await informers.stop();
  await leader.end();
  await server.client.send('DELETE', `/apis/coordination.k8s.io/v1/namespaces/${NAMESPACE}/leases/jangar`);
});

afterAll(async () => {
  await server.stop();
});

const arrived = (verb: string, resource: string): number[] =>
  leader.proxy.requests.flatMap((request, at) => (request.verb === verb && request.resource === resource ? [at] : []));

/** Watches that never end, each read for as long as it lasts. */
function openStreams(count: number): Promise<unknown> {
  const read = async (): Promise<void> => {
    const { signal } = stop;
    const stream = await leader.transport.stream({ path: CONFIG_MAPS, query: { watch: 'true' }, signal });
    for await (const chunk of stream) if (chunk.length === 0) return;
  };
  return Promise.allSettled(Array.from({ length: count }, read));
}

function ask(count: number, path: string): Promise<unknown> {
  const { signal } = stop;
  const request = () => leader.transport.request({ method: 'GET', path, timeoutMs: HOUR_MS, signal });
  return Promise.allSettled(Array.from({ length: count }, request));
}

describe('renewals of the Lease', () => {
  it('go on beside 160 open watches and a request lane in which nothing is answered any more', async () => {
    informers.register(AGENT_RUNS, {});
    informers.register(JOBS, {});
    informers.register(PODS, {});
    informers.start(stop.signal);
    await informers.waitForSync(stop.signal);
    const streams = openStreams(MORE_STREAMS);
    const watches = 3 * WATCHED.length + MORE_STREAMS;
    await eventually(() => expect(leader.proxy.openStreams).toBe(watches));
    leader.proxy.inject({ resource: 'secrets' }, { kind: 'halfOpen' }, Infinity);
    const hanging = ask(3 * REQUEST_LANE, `${SECRETS}/s`);
    await eventually(() => expect(arrived('get', 'secrets')).toHaveLength(REQUEST_LANE));

    leader.campaign();
    await time.advance(60_000);
    expect(arrived('update', 'leases')).toHaveLength(30);
    expect(leader.elector.isLeading()).toBe(true);
    expect([leader.lost, leader.warnings]).toEqual([[], []]);
    // It was as bad as it was meant to be until the end.
    expect(arrived('get', 'secrets')).toHaveLength(REQUEST_LANE);
    expect(leader.proxy.openStreams).toBe(watches);
    stop.abort();
    await Promise.all([streams, hanging]);
  });

  it('overtake a burst of requests that waits for its turn', async () => {
    leader.campaign();
    await time.advance(0);
    const burst = ask(500, `${CONFIG_MAPS}/c`);
    await time.advance(4000);
    await burst;
    const [first, second] = arrived('update', 'leases');
    const requests = arrived('get', 'configmaps');
    expect(requests).toHaveLength(500);
    expect(first).toBeLessThan(requests[2 * REQUEST_LANE] ?? 0);
    expect(second).toBeLessThan(requests[499] ?? 0);
  });
});
