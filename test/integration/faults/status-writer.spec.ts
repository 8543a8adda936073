import type { Agent } from '../../../src/api/v1alpha1/agent.types.js';
import { sharedApiServer } from '../../support/api-server.js';
import { EtcdHistory } from '../../support/etcd-history.js';
import { eventually } from '../../support/eventually.js';
import type { Fault, Match } from '../../support/fault-proxy/fault-proxy.js';
import { messageIn, StatusScene } from './support/status-scene.js';

const STATUS: Match = { verb: 'patch', resource: 'agents', subresource: 'status' };
const HOUR_MS = 3_600_000;
/** The deadline of a write. */
const WRITE_MS = 35_000;

const server = sharedApiServer();
let history: EtcdHistory;
let scene: StatusScene;
let namespace: string;
let scenes = 0;

beforeAll(async () => {
  history = await EtcdHistory.start(server.etcdUrl);
});

beforeEach(async () => {
  namespace = `status-faults-${(scenes += 1)}`;
  scene = await StatusScene.open(server, namespace);
});

afterEach(() => scene.close());

afterAll(async () => {
  await history.stop();
  await server.stop();
});

/** `provider of the spec: what the status says` of every version that etcd ever stored. */
async function stored(): Promise<string[]> {
  await history.upTo();
  const versions = history.versions('agents').filter(({ object }) => object.metadata.namespace === namespace);
  return versions
    .filter(({ type }) => type === 'put')
    .map(({ object }) => `${(object as Agent).spec.providerRef.name}: ${messageIn(object as Agent) ?? 'nothing'}`);
}

const says = (name: string, message: string): Promise<void> =>
  eventually(async () => expect(await scene.messageOf(name)).toBe(message));

describe('the status writer', () => {
  it.each<[string, Fault, string]>([
    ['a connection that is reset', { kind: 'reset' }, 'not written'],
    ['an internal error', { kind: 'status', code: 500 }, 'not written'],
    ['a server that is not available', { kind: 'status', code: 503 }, 'not written'],
    ['a timeout of the server', { kind: 'status', code: 504 }, 'not written'],
    ['an answer that is lost', { kind: 'lostResponse' }, 'written'],
    ['an answer that is cut', { kind: 'cut' }, 'written'],
  ])('writes once, whatever became of the first try: %s', async (_name, fault, first) => {
    const retry = scene.clock.timerOf(500);
    scene.proxy.inject(STATUS, fault);
    await scene.create('one', 'a');
    await retry;
    expect(scene.results[0]).toBe('error');
    if (first === 'written') await says('one', 'a in round 1');
    await scene.clock.advance(500);
    await says('one', 'a in round 1');
    await eventually(() => expect(scene.messageInCache('one')).toBe('a in round 1'));
    expect(await stored()).toEqual(['a: nothing', 'a: a in round 1']);
    expect([...scene.logged]).toEqual(['warn']);
  });

  it('waits twice as long after each failure, sends nothing meanwhile, and begins anew after a success', async () => {
    scene.proxy.inject(STATUS, { kind: 'status', code: 500 }, 3);
    await scene.create('one', 'a');
    for (const [failures, waitMs] of [500, 1000, 2000].entries()) {
      await scene.clock.timerOf(waitMs);
      await scene.clock.advance(waitMs - 1);
      expect(scene.codes).toHaveLength(failures + 1);
      await scene.clock.advance(1);
    }
    await says('one', 'a in round 1');
    expect(scene.codes).toEqual([500, 500, 500, 200]);
    await eventually(() => expect(scene.messageInCache('one')).toBe('a in round 1'));
    scene.proxy.inject(STATUS, { kind: 'status', code: 500 });
    await scene.setProvider('one', 'b');
    await scene.clock.timerOf(500);
  });

  it.each([
    ['too many requests', 429],
    ['not available', 503],
  ])('comes back no earlier than it was asked to: %s', async (_name, code) => {
    scene.proxy.inject(STATUS, { kind: 'status', code, retryAfterSeconds: 7 });
    await scene.create('one', 'a');
    await scene.clock.timerOf(7000);
    await scene.clock.advance(6999);
    expect(scene.codes).toEqual([code]);
    await scene.clock.advance(1);
    await says('one', 'a in round 1');
  });

  it('comes through a storm of conflicts without a word above debug', async () => {
    scene.proxy.inject(STATUS, { kind: 'status', code: 409 }, 6);
    await scene.create('one', 'a');
    for (const waitMs of [500, 1000, 2000, 4000, 8000, 16_000]) {
      await scene.clock.timerOf(waitMs);
      await scene.clock.advance(waitMs);
    }
    await says('one', 'a in round 1');
    expect(scene.results.slice(0, 6)).toEqual(Array.from({ length: 6 }, () => 'conflict'));
    expect(await stored()).toEqual(['a: nothing', 'a: a in round 1']);
    expect([...scene.logged]).toEqual(['debug']);
  });

  it('is refused while its cache lags behind, and right once it has caught up', async () => {
    await scene.create('one', 'a');
    await says('one', 'a in round 1');
    await eventually(() => expect(scene.messageInCache('one')).toBe('a in round 1'));
    const lag = scene.proxy.inject({ verb: 'watch', resource: 'agents' }, { kind: 'lag', ms: HOUR_MS });
    await scene.setProvider('one', 'b');
    scene.round = 2;
    const [first, second] = [scene.clock.timerOf(500), scene.clock.timerOf(1000)];
    scene.wake('one');
    await first;
    await scene.clock.advance(500);
    await second;
    expect(scene.codes).toEqual([200, 409, 409]);
    lag.remove();
    await says('one', 'b in round 2');
    expect(await stored()).toEqual(['a: nothing', 'a: a in round 1', 'b: a in round 1', 'b: b in round 2']);
  });

  it('gives up a write that is never answered at its deadline, and tries again', async () => {
    const silence = scene.proxy.inject(STATUS, { kind: 'halfOpen' });
    await scene.create('one', 'a');
    await silence.hit();
    await scene.clock.advance(WRITE_MS - 1);
    expect(scene.results).toEqual([]);
    const retry = scene.clock.timerOf(500);
    await scene.clock.advance(1);
    await retry;
    expect(scene.results).toEqual(['error']);
    await scene.clock.advance(500);
    await says('one', 'a in round 1');
  });

  it('ends at once when the process stops', async () => {
    const silence = scene.proxy.inject(STATUS, { kind: 'halfOpen' });
    await scene.create('one', 'a');
    await silence.hit();
    scene.loop.stopTaking();
    scene.loop.abort();
    await scene.loop.drained();
    expect(scene.results).toEqual(['aborted']);
    expect(await stored()).toEqual(['a: nothing']);
  });

  it('holds up no other object while one waits for its answer', async () => {
    const silence = scene.proxy.inject({ ...STATUS, name: 'one' }, { kind: 'halfOpen' });
    await scene.create('one', 'a');
    await silence.hit();
    await scene.create('two', 'b');
    await says('two', 'b in round 1');
    await eventually(() => expect(scene.results).toEqual(['success', 'success']));
    expect(await scene.messageOf('one')).toBeUndefined();
  });
});

describe('a write that arrives long after its writer gave up', () => {
  it.each<[string, () => Promise<void>, string]>([
    ['the object has changed', () => scene.setProvider('one', 'b'), 'b'],
    [
      'the object is another of the same name',
      async () => {
        await scene.delete('one');
        await scene.create('one', 'c');
      },
      'c',
    ],
  ])('is refused when %s', async (_name, change, provider) => {
    const message = `${provider} in round 1`;
    const late = scene.proxy.inject(STATUS, { kind: 'latency', ms: HOUR_MS });
    await scene.create('one', 'a');
    await late.hit();
    await change();
    await eventually(() => expect(scene.providerInCache('one')).toBe(provider));
    const retry = scene.clock.timerOf(500);
    await scene.clock.advance(WRITE_MS);
    await retry;
    await scene.clock.advance(500);
    await says('one', message);
    expect(scene.codes).toEqual([0, 200]);
    late.remove();
    await eventually(() => expect(scene.codes).toEqual([409, 200]));
    expect(await scene.messageOf('one')).toBe(message);
    expect((await stored()).filter((version) => version.endsWith('a in round 1'))).toEqual([]);
  });
});
