import type { KubernetesObject } from '../../../src/api/meta/object.js';
import { EventRecorder } from '../../../src/modules/kubernetes/event-recorder.js';
import { CONFIG_MAPS } from '../../../src/modules/kubernetes/resource.js';
import { sharedApiServer } from '../../support/api-server.js';
import { EtcdHistory } from '../../support/etcd-history.js';
import { eventually } from '../../support/eventually.js';
import { FakeClock } from '../../support/fake-clock.js';
import { type Fault, FaultProxy, type Match } from '../../support/fault-proxy/fault-proxy.js';
import { kubernetesStack, type KubernetesStack } from '../../support/kubernetes-stack.js';
import { StatusScene } from './support/status-scene.js';

const NAMESPACE = 'event-faults';
const CREATE: Match = { verb: 'create', resource: 'events' };
/** The deadline of a write. */
const WRITE_MS = 35_000;
/** How long the recorder's stop waits for the server. */
const FLUSH_MS = 3000;

const server = sharedApiServer();
let history: EtcdHistory;
let proxy: FaultProxy;
let stack: KubernetesStack;
let clock: FakeClock;
let recorder: EventRecorder;
let object: KubernetesObject;
let objects = 0;

beforeAll(async () => {
  await server.client.send('POST', '/api/v1/namespaces', { body: { metadata: { name: NAMESPACE } } });
  history = await EtcdHistory.start(server.etcdUrl);
});

beforeEach(async () => {
  proxy = await FaultProxy.start(server);
  clock = new FakeClock();
  stack = kubernetesStack({ kubeconfig: proxy.kubeconfigPath }, [NAMESPACE], clock);
  const observer = { eventFinished: (result: string) => stack.eventResults.push(result) };
  recorder = new EventRecorder(stack.client, clock, () => 0.5, observer, { instance: 'jangar-test' });
  const metadata = { name: `object-${(objects += 1)}` };
  object = await stack.client.create(CONFIG_MAPS, NAMESPACE, { metadata }, new AbortController().signal);
});

afterEach(async () => {
  const stopped = recorder.stop();
  await clock.advance(FLUSH_MS);
  await stopped;
  await stack.close();
  await proxy.stop();
});

afterAll(async () => {
  await history.stop();
  await server.stop();
});

const record = (note: string): void =>
  recorder.record(object, { type: 'Warning', reason: 'Blocked', action: 'Resolve', note });

const finished = (...results: string[]): Promise<void> => eventually(() => expect(stack.eventResults).toEqual(results));

/** HTTP codes of what was sent about events, in order of arrival; 0: no answer was let through. */
const codes = (): number[] => proxy.requests.filter(({ resource }) => resource === 'events').map(({ code }) => code);

/** `count` of every version of the object's events that etcd ever stored; 1: no series. */
async function storedCounts(): Promise<number[]> {
  await history.upTo();
  return history
    .versions('events')
    .map(
      (version) => version.object as KubernetesObject & { involvedObject: { uid: string }; series?: { count: number } },
    )
    .filter(({ involvedObject }) => involvedObject.uid === object.metadata.uid)
    .map(({ series }) => series?.count ?? 1);
}

describe('the event recorder', () => {
  it.each<[string, Fault, number]>([
    ['a connection that is reset', { kind: 'reset' }, 0],
    ['an internal error', { kind: 'status', code: 500 }, 500],
    ['a server that is not available', { kind: 'status', code: 503 }, 503],
    ['an answer that is lost', { kind: 'lostResponse' }, 0],
    ['an answer that is cut', { kind: 'cut' }, 201],
  ])('writes one event, whatever became of the first try: %s', async (_name, fault, code) => {
    proxy.inject(CREATE, fault);
    record('one');
    await clock.timerOf(1000);
    await clock.advance(999);
    expect(codes()).toEqual([code]);
    await clock.advance(1);
    await finished('written');
    expect(await storedCounts()).toEqual([1]);
  });

  it('counts a repetition once when the answer to it is lost', async () => {
    record('again');
    await finished('written');
    await clock.advance(60_000);
    const lost = proxy.inject({ verb: 'patch', resource: 'events' }, { kind: 'lostResponse' });
    record('again');
    await lost.hit();
    await clock.timerOf(1000);
    await clock.advance(1000);
    await finished('written', 'written');
    // The second patch says what is there already, which makes no version.
    expect(await storedCounts()).toEqual([1, 2]);
  });

  it('comes back no earlier than it was asked to', async () => {
    proxy.inject(CREATE, { kind: 'status', code: 429, retryAfterSeconds: 20 });
    record('one');
    await clock.timerOf(20_000);
    await clock.advance(19_999);
    expect(codes()).toEqual([429]);
    await clock.advance(1);
    await finished('written');
  });

  it('gives an event up after five tries and goes on with the next', async () => {
    proxy.inject(CREATE, { kind: 'status', code: 500 }, 5);
    record('one');
    record('two');
    for (const waitMs of [1000, 2000, 4000, 8000]) {
      await clock.timerOf(waitMs);
      await clock.advance(waitMs);
    }
    await finished('failed', 'written');
    expect(codes()).toEqual([500, 500, 500, 500, 500, 201]);
  });

  it.each([
    ['a right that is missing', 403],
    ['an event that is not acceptable', 422],
  ])('tries once only: %s', async (_name, code) => {
    proxy.inject(CREATE, { kind: 'status', code });
    record('one');
    await finished('failed');
    expect(codes()).toEqual([code]);
  });

  it('gives up a try that is never answered at its deadline', async () => {
    const silence = proxy.inject(CREATE, { kind: 'halfOpen' });
    record('one');
    await silence.hit();
    await clock.advance(WRITE_MS - 1);
    expect(clock.pending()).toEqual([1]);
    await clock.advance(1);
    await clock.timerOf(1000);
    await clock.advance(1000);
    await finished('written');
    expect(codes()).toEqual([0, 201]);
  });

  it('keeps a bounded backlog and one request at a time while nothing is answered', async () => {
    const silence = proxy.inject(CREATE, { kind: 'halfOpen' }, Infinity);
    record('first');
    await silence.hit();
    for (let n = 0; n < 5000; n += 1) record(String(n));
    expect(stack.eventResults).toEqual(Array.from({ length: 4000 }, () => 'dropped'));
    expect(codes()).toEqual([0]);
  });
});

describe('stopping the event recorder', () => {
  it('waits three seconds for a server that does not answer, and writes nothing afterwards', async () => {
    const silence = proxy.inject(CREATE, { kind: 'halfOpen' });
    record('one');
    record('two');
    await silence.hit();
    let over = false;
    const stopped = recorder.stop().then(() => (over = true));
    await clock.advance(FLUSH_MS - 1);
    expect(over).toBe(false);
    await clock.advance(1);
    await stopped;
    expect(stack.eventResults).toEqual(['failed', 'dropped']);
    expect(await storedCounts()).toEqual([]);
    expect(clock.pending()).toEqual([]);
  });

  it('tries each event once more while nobody can be reached, without a wait', async () => {
    proxy.inject(CREATE, { kind: 'reset' }, Infinity);
    record('one');
    record('two');
    await clock.timerOf(1000);
    await recorder.stop();
    expect(stack.eventResults).toEqual(['failed', 'failed']);
    expect(codes()).toEqual([0, 0, 0]);
  });
});

describe('a pass that records an event', () => {
  it.each<[string, Fault]>([
    ['nothing is answered', { kind: 'halfOpen' }],
    ['the server asks to wait', { kind: 'status', code: 429, retryAfterSeconds: 600 }],
    ['every connection is reset', { kind: 'reset' }],
  ])(
    'ends as it would without it when %s',
    async (_name, fault) => {
      const scene = await StatusScene.open(server, `${NAMESPACE}-${fault.kind.toLowerCase()}`);
      try {
        scene.recordEvents = true;
        const trouble = scene.proxy.inject(CREATE, fault, Infinity);
        const names = Array.from({ length: 20 }, (_, n) => `agent-${n}`);
        await Promise.all(names.map((name) => scene.create(name, 'a')));
        await trouble.hit();
        await eventually(() => {
          const messages = names.map((name) => scene.messageInCache(name));
          expect(new Set(messages)).toEqual(new Set(['a in round 1']));
        });
        expect(new Set(scene.results)).toEqual(new Set(['success']));
        expect(trouble.hits).toBe(1);
      } finally {
        await scene.close();
      }
      // Twenty objects and two passes for each: seconds on a busy machine.
    },
    30_000,
  );
});
