import type { Exchange } from '../../../test/support/api-double.js';
import { eventually } from '../../../test/support/eventually.js';
import { BACK_OFF_MS, bookmark, configMap, InformerScene } from '../../../test/support/informer-scene.js';
import { WATCH_SILENCE_LIMIT_MS } from './watch-health.js';

const SILENCE = 'WATCH configmaps: 0 Silence: nothing came for 150 s';

const expired = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' };

let scene: InformerScene;

beforeEach(async () => {
  scene = await InformerScene.open();
});

afterEach(() => scene.close());

describe('a watch that breaks', () => {
  it.each<[string, (watch: Exchange) => void]>([
    ['is reset', (watch) => watch.reset()],
    ['ends in the middle of a line', (watch) => watch.write('{"type":"ADDED","object":{"metadata":{"na').end()],
    ['sends what is not JSON', (watch) => void watch.write('<html>\n')],
    ['sends an event of an unknown type', (watch) => void watch.send('SURPRISE', configMap('x', 'u9', '9'))],
    ['sends an object without metadata', (watch) => void watch.send('ADDED', {})],
    ['sends null', (watch) => void watch.write('null\n')],
    ['sends an error', (watch) => void watch.send('ERROR', { kind: 'Status', code: 500, reason: 'InternalError' })],
    ['ends at once', (watch) => watch.end()],
  ])('goes on from the same place when it %s', async (_name, breakIt) => {
    const { next } = scene.start();
    const watch = await scene.listThenWatch('7');
    watch.send('ADDED', configMap('one', 'u1', '8'));
    await next();
    breakIt(watch);
    await scene.passBackOff();
    const again = (await scene.api.next()).open();
    expect(again.query.resourceVersion).toBe('8');
    again.send('MODIFIED', configMap('one', 'u1', '9'));
    expect(await next()).toBe('updated one u1@9');
    expect(scene.informers.health()).toMatchObject([{ watching: true, relists: 0, reconnects: 1, silences: 0 }]);
  });

  it('is given up after a silence, and opened again', async () => {
    const { next } = scene.start();
    const watch = await scene.listThenWatch('7');
    watch.send('ADDED', configMap('one', 'u1', '8'));
    await next();
    await scene.clock.advance(WATCH_SILENCE_LIMIT_MS);
    await watch.closed();
    // It was healthy until then, so only the first, short wait follows.
    await scene.passBackOff();
    const again = (await scene.api.next()).open().send('BOOKMARK', bookmark('9'));
    expect(again.query).toMatchObject({ watch: 'true', resourceVersion: '8' });
    again.send('MODIFIED', configMap('one', 'u1', '10'));
    await next();
    expect(scene.informers.health()).toMatchObject([
      { watching: true, relists: 0, reconnects: 1, silences: 1, lastError: SILENCE },
    ]);
  });

  it('is given up after a silence also when nothing ever came', async () => {
    const { informer } = scene.start();
    const watch = await scene.listThenWatch('7');
    await eventually(() => expect(scene.informers.health()).toMatchObject([{ watching: true }]));
    await scene.clock.advance(WATCH_SILENCE_LIMIT_MS - 1);
    expect(scene.informers.health()).toMatchObject([{ watching: true, silences: 0 }]);
    await scene.clock.advance(1);
    await watch.closed();
    (await scene.api.next()).list('7', []);
    await scene.clock.timerOf(BACK_OFF_MS[0]);
    expect(scene.informers.health()).toMatchObject([{ watching: false, silences: 1, lastError: SILENCE }]);
    expect(informer.hasSynced()).toBe(true);
  });

  it.each([
    [
      'is replaced by a list when the server is at an earlier point: etcd was put back from a backup',
      '30',
      { limit: '500' },
    ],
    ['goes on from the same place when the server is at that point', '70', { resourceVersion: '70' }],
    ['goes on from the same place when the server is further', '71', { resourceVersion: '70' }],
  ])('that was silent from its beginning %s', async (_name, version, query) => {
    scene.start();
    (await scene.api.next()).list('70', [configMap('one', 'u1', '60')]);
    (await scene.api.next()).open();
    await eventually(() => expect(scene.informers.health()).toMatchObject([{ watching: true }]));
    await scene.clock.advance(WATCH_SILENCE_LIMIT_MS);
    const look = await scene.api.next();
    expect(look.query).toEqual({ limit: '1' });
    look.list(version, []);
    await scene.passBackOff();
    expect((await scene.api.next()).query).toMatchObject(query);
  });

  it('that was silent from its beginning goes on from the same place when the server does not say where it is', async () => {
    scene.start();
    (await scene.api.next()).list('70', []);
    (await scene.api.next()).open();
    await eventually(() => expect(scene.informers.health()).toMatchObject([{ watching: true }]));
    await scene.clock.advance(WATCH_SILENCE_LIMIT_MS);
    (await scene.api.next()).status(500, 'InternalError');
    await scene.passBackOff();
    expect((await scene.api.next()).query).toMatchObject({ resourceVersion: '70' });
  });

  it('is kept while anything arrives', async () => {
    const { next } = scene.start();
    const watch = await scene.listThenWatch('7');
    watch.send('ADDED', configMap('one', 'u1', '8'));
    await next();
    await scene.clock.advance(WATCH_SILENCE_LIMIT_MS - 1);
    watch.send('MODIFIED', configMap('one', 'u1', '9'));
    expect(await next()).toBe('updated one u1@9');
    await scene.clock.advance(WATCH_SILENCE_LIMIT_MS - 1);
    watch.send('MODIFIED', configMap('one', 'u1', '10'));
    expect(await next()).toBe('updated one u1@10');
    expect(scene.api.unexpected).toEqual([]);
  });

  it.each<[string, (watch: Exchange) => void]>([
    ['in the stream', (watch) => void watch.open().send('ERROR', expired)],
    ['as its answer', (watch) => watch.status(410, 'Gone')],
  ])('is replaced by a list when what was missed is gone: 410 %s', async (_name, answer) => {
    const { next } = scene.start();
    (await scene.api.next()).list('7', [configMap('one', 'u1', '1'), configMap('two', 'u2', '1')]);
    await next();
    await next();
    answer(await scene.api.next());
    await scene.passBackOff();
    const list = await scene.api.next();
    expect(list.query).toEqual({ limit: '500' });
    list.list('30', [configMap('one', 'u3', '29')]);
    expect([await next(), await next(), await next()]).toEqual([
      'deleted one u1@1',
      'deleted two u2@1',
      'added one u3@29',
    ]);
    expect((await scene.api.next()).query.resourceVersion).toBe('30');
    expect(scene.informers.health()).toMatchObject([{ relists: 1 }]);
  });

  it('is tried again ever more slowly, and quickly again after a healthy time', async () => {
    const { next } = scene.start();
    (await scene.listThenWatch('7')).end();
    await scene.passBackOff();
    (await scene.api.next()).reset();
    await scene.passBackOff(2);
    (await scene.api.next()).status(500, 'InternalError');
    await scene.passBackOff(3);
    const watch = (await scene.api.next()).open().send('ADDED', configMap('one', 'u1', '8'));
    await next();
    await scene.clock.advance(60_000);
    watch.end();
    await scene.passBackOff();
    expect((await scene.api.next()).query.resourceVersion).toBe('8');
  });

  it('waits as long as the server asks', async () => {
    scene.start();
    (await scene.api.next()).list('7', []);
    (await scene.api.next()).status(429, 'TooManyRequests', {}, { 'retry-after': '12' });
    await scene.clock.timerOf(12_000);
    await scene.clock.advance(11_999);
    expect(scene.api.unexpected).toEqual([]);
    await scene.clock.advance(1);
    expect((await scene.api.next()).query.watch).toBe('true');
  });
});

describe('a list that fails', () => {
  it.each<[string, (list: Exchange) => void]>([
    ['is refused', (list) => list.status(403, 'Forbidden')],
    ['meets a kind that is not installed', (list) => list.status(404, 'NotFound')],
    ['meets a fault', (list) => list.status(500, 'InternalError')],
    ['is reset', (list) => list.reset()],
    ['is answered by a proxy', (list) => list.text(200, '<html>')],
    ['gets an answer that is no list', (list) => list.json(200, {})],
  ])('is repeated when it %s, and only then is the cache complete', async (_name, answer) => {
    const { informer, next } = scene.start();
    answer(await scene.api.next());
    await scene.clock.timerOf(BACK_OFF_MS[0]);
    expect(informer.hasSynced()).toBe(false);
    expect(scene.informers.health()[0]?.lastError).toMatch(/configmaps/);
    await scene.clock.advance(BACK_OFF_MS[0]);
    (await scene.api.next()).list('7', [configMap('one', 'u1', '1')]);
    expect(await next()).toBe('added one u1@1');
    expect(informer.hasSynced()).toBe(true);
  });

  it('deletes nothing from the cache when it comes after a complete one', async () => {
    const { informer, next, seen } = scene.start();
    (await scene.api.next()).list('7', [configMap('one', 'u1', '1')]);
    await next();
    (await scene.api.next()).status(410, 'Gone');
    await scene.passBackOff();
    (await scene.api.next()).status(500, 'InternalError');
    await scene.clock.timerOf(BACK_OFF_MS[1]);
    expect(seen).toEqual([]);
    expect([informer.list().length, informer.hasSynced()]).toEqual([1, true]);
  });

  it.each<[string, (list: Exchange) => void]>([
    ['never answers', () => undefined],
    ['stops in the middle of its answer', (list) => list.open().write('{"kind":"List","items":[')],
  ])('is given up after a minute when it %s', async (_name, hang) => {
    const { informer, next } = scene.start();
    const list = await scene.api.next();
    hang(list);
    await scene.clock.advance(60_000);
    await list.closed();
    await scene.clock.timerOf(BACK_OFF_MS[0]);
    expect(scene.informers.health()).toMatchObject([{ synced: false, lastError: 'GET configmaps a: 0 Timeout' }]);
    await scene.clock.advance(BACK_OFF_MS[0]);
    (await scene.api.next()).list('7', [configMap('one', 'u1', '1')]);
    expect(await next()).toBe('added one u1@1');
    expect(informer.hasSynced()).toBe(true);
  });

  it('starts again when its continue token has expired', async () => {
    const { next } = scene.start();
    (await scene.api.next()).list('7', [configMap('one', 'u1', '1')], { continue: 'more' });
    (await scene.api.next()).status(410, 'Expired');
    const whole = await scene.api.next();
    expect(whole.query).toEqual({});
    whole.list('9', [configMap('two', 'u2', '8')]);
    expect(await next()).toBe('added two u2@8');
  });
});
