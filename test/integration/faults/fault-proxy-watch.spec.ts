import { sharedApiServer } from '../../support/api-server.js';
import { eventually } from '../../support/eventually.js';
import type { Fault, FaultKind } from '../../support/fault-proxy/fault-proxy.js';
import { aSceneForEachTest, failureOf, HOUR_MS, type ProxyScene, RESET } from './support/proxy-scene.js';

const NAMESPACE = 'fault-proxy-watch';

const server = sharedApiServer();
let scene: ProxyScene;

aSceneForEachTest(server, NAMESPACE, (opened) => (scene = opened));

describe('a watch through a proxy', () => {
  it('is passed on, event by event, and known to be open', async () => {
    const [all, one] = [await scene.watch(), await scene.watch('&fieldSelector=metadata.name%3Done')];
    expect(scene.proxy.openStreams).toBe(2);
    expect(scene.proxy.requests.at(-1)).toMatchObject({
      verb: 'watch',
      resource: 'configmaps',
      name: 'one',
      code: 200,
    });
    await scene.create('one');
    await Promise.all([all.saw('one'), one.saw('one')]);
    await one.close();
    await eventually(() => expect(scene.proxy.openStreams).toBe(1));
    expect(all.end).toBeUndefined();
  });

  it('is reset when the proxy is severed, which goes on', async () => {
    const watch = await scene.watch();
    scene.proxy.sever();
    await eventually(() => expect(watch.end).toMatch(RESET));
    expect((await scene.create(scene.newName())).status).toBe(201);
    await eventually(() => expect(scene.proxy.openStreams).toBe(0));
  });
});

describe('a fault of a watch', () => {
  it.each<[string, Fault, string, number]>([
    ['halfOpen: silence for ever', { kind: 'halfOpen' }, 'silent', 0],
    ['gone: an ERROR event and the end', { kind: 'gone' }, 'ended', 1],
  ])('%s, when it opens', async (_name, fault, end, events) => {
    scene.proxy.inject({ verb: 'watch', resource: 'configmaps' }, fault);
    const [struck, other] = [await scene.watch(), await scene.watch()];
    const name = scene.newName();
    await scene.create(name);
    await other.saw(name);
    await eventually(() => expect(struck.end ?? 'silent').toBe(end));
    expect(struck.events).toHaveLength(events);
    expect(struck.events.every(({ type, code }) => type === 'ERROR' && code === 410)).toBe(true);
  });

  it.each<[string, Fault, string]>([
    ['halfOpen: silence after what came so far', { kind: 'halfOpen' }, 'silent'],
    ['gone: an ERROR event and the end after what came so far', { kind: 'gone' }, 'ended'],
  ])('%s, when it is open already', async (_name, fault, end) => {
    const [struck, other, first, second] = [await scene.watch(), await scene.watch(), scene.newName(), scene.newName()];
    await scene.create(first);
    await struck.saw(first);
    expect(scene.proxy.inject({ verb: 'watch' }, fault).hits).toBe(1);
    await scene.create(second);
    await other.saw(second);
    await eventually(() => expect(struck.end ?? 'silent').toBe(end));
    expect(struck.names).not.toContain(second);
    expect(scene.proxy.openStreams).toBe(end === 'silent' ? 2 : 1);
  });

  it('cut: the stream ends in the middle of the event about the object', async () => {
    const [watch, before, cut] = [await scene.watch(), scene.newName(), scene.newName()];
    scene.proxy.inject({ verb: 'watch', name: cut }, { kind: 'cut' });
    await scene.create(before);
    await scene.create(cut);
    await eventually(() => expect(watch.end).toBe('ended in {"type":'));
    expect(watch.names).toEqual([before]);
  });

  it('dropEvent: one event vanishes and the stream goes on', async () => {
    const [watch, dropped, kept] = [await scene.watch(), scene.newName(), scene.newName()];
    scene.proxy.inject({ resource: 'configmaps', name: dropped, namespace: NAMESPACE }, { kind: 'dropEvent' });
    await scene.create(dropped);
    await scene.create(kept);
    await scene.client.send('DELETE', `${scene.path}/${dropped}`);
    await eventually(() => expect(watch.events).toHaveLength(2));
    expect(watch.events).toEqual([
      { type: 'ADDED', name: kept },
      { type: 'DELETED', name: dropped },
    ]);
  });

  it('lag: keeps events back, in order, until it is removed', async () => {
    const [lagging, fresh, sent] = [
      await scene.watch(),
      await scene.watch(),
      [scene.newName(), scene.newName(), scene.newName()],
    ];
    const lag = scene.proxy.inject({ verb: 'watch' }, { kind: 'lag', ms: HOUR_MS });
    for (const name of sent) await scene.create(name);
    await fresh.saw(sent[2]!);
    expect(lagging.names).toEqual([]);
    lag.remove();
    await eventually(() => expect(lagging.names).toEqual(sent));
    const later = scene.newName();
    await scene.create(later);
    await lagging.saw(later);
  });

  it('lag: lets each event through in its time', async () => {
    scene.proxy.inject({ verb: 'watch' }, { kind: 'lag', ms: 50 });
    const [watch, name] = [await scene.watch(), scene.newName()];
    await scene.create(name);
    await watch.saw(name);
  });

  it.each<[string, Fault]>([
    ['reset', { kind: 'reset' }],
    ['lostResponse', { kind: 'lostResponse' }],
  ])('%s: the watch does not open', async (_name, fault) => {
    scene.proxy.inject({ verb: 'watch' }, fault);
    expect(await failureOf(scene.watch())).toMatch(RESET);
    expect(scene.proxy.openStreams).toBe(0);
  });
});

describe('random faults', () => {
  it('strike watches in mid-stream and can be ended', async () => {
    const kinds: FaultKind[] = ['dropEvent', 'cut', 'gone', 'halfOpen'];
    const injection = scene.proxy.randomly(Object.fromEntries(kinds.map((kind) => [kind, 0.3])), {
      resource: 'configmaps',
    });
    // A creation is a request too: `cut` and the others may strike it.
    for (let n = 0; n < 20; n += 1) {
      await scene.watch();
      await server.client.send('POST', scene.path, { body: { metadata: { name: scene.newName() } } });
      await eventually(() => expect(injection.hits).toBeGreaterThan(0));
    }
    await eventually(() => expect([...scene.proxy.counts.keys()].toSorted()).toEqual(kinds.toSorted()));
    injection.remove();
    const [watch, name] = [await scene.watch(), scene.newName()];
    await scene.create(name);
    await watch.saw(name);
  });
});
