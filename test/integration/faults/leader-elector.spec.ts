import { jest } from '@jest/globals';
import { KubernetesClient } from '../../../src/modules/kubernetes/client.js';
import { AGENTS } from '../../../src/modules/kubernetes/resource.js';
import { StatusWriter } from '../../../src/modules/manager/status-writer.js';
import type { Agent } from '../../../src/api/v1alpha1/agent.types.js';
import { sharedApiServer } from '../../support/api-server.js';
import { Candidate } from '../../support/candidate.js';
import { eventually } from '../../support/eventually.js';
import type { Fault, Match } from '../../support/fault-proxy/fault-proxy.js';
import { seededRandom } from '../../support/seeded-random.js';
import { VirtualTime } from '../../support/virtual-time.js';

const NAMESPACE = 'faults-leader-elector';
/** A Lease's 15 s, the 1.2 s in which its last renewal is noticed, 0.2 s of jitter. */
const TAKEOVER_MS = 16_400;
const RENEWALS: Match = { verb: 'update', resource: 'leases' };
const LEASES: Match = { resource: 'leases' };

jest.setTimeout(60_000);

const server = sharedApiServer();
let time: VirtualTime;
let candidates: Candidate[];
/** The most that led at the same moment. */
let together: number;
let scenes = 0;

async function join(identity: string, seed = 1): Promise<Candidate> {
  const random = seededRandom(seed);
  const leaseName = `scene-${scenes}`;
  const candidate = await Candidate.create({ server, time, namespace: NAMESPACE, leaseName, identity, random });
  candidates.push(candidate);
  return candidate;
}

async function leader(identity = 'first'): Promise<Candidate> {
  const candidate = (await join(identity)).campaign();
  await time.advance(0);
  expect(candidate.elector.isLeading()).toBe(true);
  return candidate;
}

const leasePath = () => `/apis/coordination.k8s.io/v1/namespaces/${NAMESPACE}/leases/scene-${scenes}`;

async function leaseSpec() {
  const { body } = await server.client.send('GET', leasePath());
  return (body as { spec: { holderIdentity: string; leaseTransitions: number; renewTime: string } }).spec;
}

beforeAll(async () => {
  await server.client.send('POST', '/api/v1/namespaces', { body: { metadata: { name: NAMESPACE } } });
});

beforeEach(() => {
  scenes += 1;
  together = 0;
  time = new VirtualTime();
  candidates = [];
  time.onMove(() => {
    together = Math.max(together, candidates.filter(({ elector }) => elector.isLeading()).length);
  });
});

afterEach(async () => {
  await Promise.all(candidates.map((candidate) => candidate.end()));
  // Whatever the test was about.
  expect(together).toBeLessThanOrEqual(1);
});

afterAll(async () => {
  await server.stop();
});

describe('hand-over', () => {
  it('takes a candidate no more than 1.2 s after the leader released the Lease', async () => {
    const first = await leader();
    const second = (await join('second', 2)).campaign();
    await time.advance(5000);
    await first.leave();
    await time.advance(1200);
    expect(second.elector.isLeading()).toBe(true);
    expect(await leaseSpec()).toMatchObject({ holderIdentity: 'second', leaseTransitions: 1 });
    expect(first.lost).toEqual([]);
  });

  it.each(['reset', 'lostResponse', 'cut'] as const)(
    'is as quick when the request that releases the Lease meets a %s',
    async (kind) => {
      const first = await leader();
      const second = (await join('second', 2)).campaign();
      await time.advance(5000);
      const fault = first.proxy.inject(RENEWALS, { kind });
      await first.leave();
      await time.advance(1200);
      expect(second.elector.isLeading()).toBe(true);
      expect(fault.hits).toBe(1);
    },
  );

  it.each([1, 2, 3])('comes 15 to 16.4 s after the last renewal of a leader that went silent (%d)', async (seed) => {
    const first = await leader();
    const second = (await join('second', seed)).campaign();
    // Renewals leave at whole seconds of even number: this one is the last.
    await time.advance(10_000 + 700 * seed - 1);
    first.silence();
    const renewedAtMs = 2000 * Math.floor(time.clock.monotonicMs() / 2000);
    await time.advance(TAKEOVER_MS);
    expect(second.elector.isLeading()).toBe(true);
    expect(second.acquiredAtMs).toBeGreaterThanOrEqual(renewedAtMs + 15_000);
    expect(second.acquiredAtMs).toBeLessThanOrEqual(renewedAtMs + TAKEOVER_MS);
    // Five seconds before anybody else may act, by its own clock and without an answer from anybody.
    expect(first.lost).toEqual(['it was not renewed in time']);
    expect(first.lostAtMs).toBe(renewedAtMs + 10_000);
  });

  it('makes one of five that start together the leader, and one of the others the next', async () => {
    await Promise.all([1, 2, 3, 4, 5].map((seed) => join(`c-${seed}`, seed)));
    for (const candidate of candidates) candidate.campaign();
    await time.advance(3000);
    const [first, ...none] = candidates.filter(({ elector }) => elector.isLeading());
    expect([first, none]).toEqual([expect.any(Candidate), []]);
    first?.silence();
    await time.advance(TAKEOVER_MS + 2000);
    expect(candidates.filter(({ elector }) => elector.isLeading())).toHaveLength(1);
    expect(await leaseSpec()).toMatchObject({ leaseTransitions: 1 });
  });
});

const PASSING: { name: string; fault: Fault; times: number }[] = [
  { name: 'connections that are reset', fault: { kind: 'reset' }, times: 3 },
  { name: 'answers that are lost', fault: { kind: 'lostResponse' }, times: 3 },
  { name: 'answers that are cut', fault: { kind: 'cut' }, times: 3 },
  { name: 'conflicts', fault: { kind: 'status', code: 409, reason: 'Conflict' }, times: 6 },
  { name: 'too many requests', fault: { kind: 'status', code: 429, retryAfterSeconds: 1 }, times: 3 },
  { name: 'internal errors', fault: { kind: 'status', code: 500 }, times: 3 },
  { name: 'an unavailable server', fault: { kind: 'status', code: 503 }, times: 3 },
  { name: 'a request that is never answered', fault: { kind: 'halfOpen' }, times: 1 },
];

describe('a leader', () => {
  it.each(PASSING)('goes on after $name', async ({ fault, times }) => {
    const first = await leader();
    const faults = first.proxy.inject(RENEWALS, fault, times);
    await time.advance(10_000);
    expect(faults.hits).toBe(times);
    const { renewTime } = await leaseSpec();
    await time.advance(10_000);
    expect(first.elector.health()).toEqual({ leading: true, holder: 'first' });
    expect(first.lost).toEqual([]);
    expect(await leaseSpec()).toMatchObject({ holderIdentity: 'first', leaseTransitions: 0 });
    expect((await leaseSpec()).renewTime).not.toBe(renewTime);
  });

  it.each([
    { name: 'conflict', fault: { kind: 'status', code: 409, reason: 'Conflict' } },
    { name: 'are never answered', fault: { kind: 'halfOpen' } },
    { name: 'are refused', fault: { kind: 'status', code: 503 } },
  ] satisfies { name: string; fault: Fault }[])(
    'is lost when its renewals $name for 10 s, and asks no more',
    async ({ fault }) => {
      const first = await leader();
      first.proxy.inject(RENEWALS, fault, Infinity);
      await time.advance(9999);
      expect(first.elector.isLeading()).toBe(true);
      await time.advance(1);
      expect(first.elector.isLeading()).toBe(false);
      expect(first.lost).toEqual(['it was not renewed in time']);
      const { length } = first.proxy.requests;
      await time.advance(60_000);
      expect(first.proxy.requests).toHaveLength(length);
    },
  );

  it('goes on after a silence of the whole API server that is shorter than its deadline', async () => {
    const first = await leader();
    const silence = first.silence();
    // The answer to what was asked at 2 s is given up at 7 s, what is asked then still has 3 s.
    await time.advance(6999);
    silence.remove();
    await time.advance(20_000);
    expect(first.lost).toEqual([]);
    expect(first.elector.isLeading()).toBe(true);
  });

  it('is lost at its next renewal when another process has taken the Lease', async () => {
    const first = await leader();
    await time.advance(5000);
    const { status, body } = await server.client.send('GET', leasePath());
    expect(status).toBe(200);
    const stolen = body as { spec: object };
    const spec = { ...stolen.spec, holderIdentity: 'thief' };
    expect(await server.client.send('PUT', leasePath(), { body: { ...stolen, spec } })).toMatchObject({ status: 200 });
    await time.advance(1000);
    expect(first.lost).toEqual(['somebody else holds it']);
    await time.advance(10_000);
    expect(await leaseSpec()).toMatchObject({ holderIdentity: 'thief' });
  });
});

describe('a candidate', () => {
  it.each(PASSING)('leads after $name, and counts one transition', async ({ fault, times }) => {
    await (await leader()).leave();
    const second = await join('second', 2);
    const faults = second.proxy.inject(RENEWALS, fault, times);
    second.campaign();
    await time.until(() => second.elector.isLeading(), 10_000);
    expect(faults.hits).toBe(times);
    expect(await leaseSpec()).toMatchObject({ holderIdentity: 'second', leaseTransitions: 1 });
  });

  it('does not take what it saw last from a holder whose renewals it could not read', async () => {
    const first = await leader();
    const second = (await join('second', 2)).campaign();
    await time.advance(3000);
    const outage = second.proxy.inject(LEASES, { kind: 'status', code: 503 }, Infinity);
    await time.advance(60_000);
    outage.remove();
    await time.advance(10_000);
    expect(second.elector.health()).toEqual({ leading: false, holder: 'first' });
    expect(first.elector.isLeading()).toBe(true);
  });

  it.each([1, 2, 3, 4])('never leads beside another, whatever goes wrong at random (seed %d)', async (seed) => {
    await Promise.all([1, 2, 3].map((n) => join(`c-${n}`, 10 * seed + n)));
    const rates = { reset: 0.1, lostResponse: 0.1, cut: 0.1, status: 0.2, halfOpen: 0.1 };
    const faults = candidates.map((candidate) => candidate.proxy.randomly(rates, LEASES));
    for (const candidate of candidates) candidate.campaign();
    await time.advance(60_000);
    for (const fault of faults) fault.remove();
    expect(faults.reduce((sum, { hits }) => sum + hits, 0)).toBeGreaterThan(30);
    // One that was lost does not come back, as its process would not.
    const left = candidates.filter(({ lost }) => lost.length === 0);
    await time.advance(TAKEOVER_MS + 5000);
    expect(candidates.filter(({ elector }) => elector.isLeading())).toHaveLength(Math.min(left.length, 1));
  });
});

describe('leadership is no fence, the resourceVersion is', () => {
  const { signal } = new AbortController();
  const condition = (reason: string) => ({
    type: 'Ready',
    status: 'False' as const,
    reason,
    message: 'as told',
    lastTransitionTime: '2026-01-13T09:00:00Z',
    observedGeneration: 1,
  });
  const statusOf = (reason: string) => ({ observedGeneration: 1, conditions: [condition(reason)] });

  it('refuses what a leader wrote in its time and the network brought after that of the next', async () => {
    const first = await leader();
    const second = (await join('second', 2)).campaign();
    const client = (candidate: Candidate) => new KubernetesClient(candidate.transport);
    const spec = { providerRef: { name: 'p' } };
    const body = { apiVersion: 'agents.proompteng.ai/v1alpha1', kind: 'Agent', metadata: { name: 'shared' }, spec };
    const seenByFirst = await client(first).create<Agent>(AGENTS, NAMESPACE, body, signal);

    const late = first.proxy.inject({ resource: 'agents', subresource: 'status' }, { kind: 'latency', ms: 60_000 });
    const firstWrites = new StatusWriter(client(first)).write(AGENTS, seenByFirst, statusOf('First'), signal);
    const outcome = firstWrites.then(
      () => 'written',
      (error: unknown) => String(error),
    );
    await late.hit();
    first.silence();
    await time.until(() => second.elector.isLeading(), 20_000);
    const seenBySecond = await client(second).get<Agent>(AGENTS, NAMESPACE, 'shared', signal);
    if (seenBySecond === undefined) throw new Error('the Agent is gone');
    await new StatusWriter(client(second)).write(AGENTS, seenBySecond, statusOf('Second'), signal);

    late.remove();
    const arrived = () => first.proxy.requests.find(({ subresource }) => subresource === 'status')?.code;
    await eventually(() => expect(arrived()).toBe(409));
    expect(await outcome).toContain('409 Conflict');
    const { status } = (await client(second).get<Agent>(AGENTS, NAMESPACE, 'shared', signal)) ?? {};
    expect(status).toEqual(statusOf('Second'));
  });

  it('sends nothing of a leader whose time has run out', async () => {
    const first = await leader();
    const passes = new AbortController();
    const client = new KubernetesClient(first.transport);
    client.onBeforeWrite(() => {
      if (!first.elector.isLeading()) passes.abort();
    });
    first.silence();
    await time.advance(10_000);
    const write = client.create(AGENTS, NAMESPACE, { metadata: { name: 'too-late' } }, passes.signal);
    await expect(write).rejects.toMatchObject({ reason: 'Aborted' });
    expect(first.proxy.requests.filter(({ resource }) => resource === 'agents')).toEqual([]);
  });
});
