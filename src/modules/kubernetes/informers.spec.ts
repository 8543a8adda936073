import { getEventListeners } from 'node:events';
import { Logger } from '@nestjs/common';
import { ApiDouble, type Exchange } from '../../../test/support/api-double.js';
import { FakeClock } from '../../../test/support/fake-clock.js';
import type { InformerEvent } from './informer.js';
import { Informers } from './informers.js';
import { CONFIG_MAPS, PODS } from './resource.js';
import { Transport } from './transport.js';
import type { ConfigMap } from './wire.js';

/** What the middle of the jitter makes of the first, second, third failure in a row. */
const BACK_OFF_MS = [800, 1600, 3200];
const INACTIVITY_MS = 150_000;

const map = (name: string, uid: string, resourceVersion: string): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'a', uid, resourceVersion, creationTimestamp: '2026-01-13T09:00:00Z' },
});

const bookmark = (resourceVersion: string): object => ({ kind: 'ConfigMap', metadata: { resourceVersion } });
const expired = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' };

let api: ApiDouble;
let clock: FakeClock;
let transport: Transport;
let informers: Informers;

beforeEach(async () => {
  Logger.overrideLogger(false);
  api = await ApiDouble.start();
  clock = new FakeClock();
  transport = new Transport(api, clock, { requested: () => undefined }, { version: '1.2.3' });
  informers = informersOf(['a']);
});

afterEach(async () => {
  await informers.stop();
  await transport.close();
  await api.stop();
});

function informersOf(watchNamespaces: readonly string[] | '*'): Informers {
  return new Informers(transport, clock, () => 0.5, { watchNamespaces });
}

/** Watches ConfigMaps; `next` waits for the next event. */
function start(of: Informers = informers) {
  const informer = of.register(CONFIG_MAPS, {});
  const seen: string[] = [];
  const waiting: ((event: string) => void)[] = [];
  informer.onEvent(({ type, object }: InformerEvent<ConfigMap>) => {
    const text = `${type} ${object.metadata.name} ${object.metadata.uid}@${object.metadata.resourceVersion}`;
    const waiter = waiting.shift();
    if (waiter === undefined) seen.push(text);
    else waiter(text);
  });
  of.start(new AbortController().signal);
  const next = (): Promise<string> => {
    const event = seen.shift();
    return event === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(event);
  };
  return { informer, next, seen };
}

/** Answers the first list and accepts the watch that follows. */
async function listThenWatch(resourceVersion: string, items: readonly object[] = []): Promise<Exchange> {
  (await api.next()).list(resourceVersion, items);
  return (await api.next()).open();
}

/** Lets the next try begin once the code under test waits for it. */
async function passBackOff(ms: number): Promise<void> {
  await clock.timerOf(ms);
  await clock.advance(ms);
}

describe('an informer', () => {
  it('lists page by page and watches from there with bookmarks and a bounded time', async () => {
    const { informer, next } = start();
    const first = await api.next();
    expect([first.path, first.query]).toEqual(['/api/v1/namespaces/a/configmaps', { limit: '500' }]);
    first.list('7', [map('one', 'u1', '1')], { continue: 'more' });
    const second = await api.next();
    expect(second.query).toEqual({ limit: '500', continue: 'more' });
    expect(informer.hasSynced()).toBe(false);
    second.list('7', [map('two', 'u2', '2')]);
    expect([await next(), await next()]).toEqual(['added one u1@1', 'added two u2@2']);
    const watch = await api.next();
    expect(watch.query).toEqual({
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: '7',
      timeoutSeconds: '450',
    });
    expect(informer.hasSynced()).toBe(true);
  });

  it('follows the watch', async () => {
    const { informer, next } = start();
    const watch = await listThenWatch('7');
    watch.send('ADDED', map('one', 'u1', '8')).send('MODIFIED', map('one', 'u1', '9'));
    watch.send('DELETED', map('one', 'u1', '10')).send('ADDED', map('one', 'u2', '11'));
    expect([await next(), await next(), await next(), await next()]).toEqual([
      'added one u1@8',
      'updated one u1@9',
      'deleted one u1@10',
      'added one u2@11',
    ]);
    expect(informer.list()).toHaveLength(1);
  });

  it('continues after the end of a watch from the last event or bookmark', async () => {
    const { next } = start();
    const watch = await listThenWatch('7');
    watch.send('ADDED', map('one', 'u1', '8'));
    await next();
    watch.send('BOOKMARK', bookmark('20')).end();
    await passBackOff(BACK_OFF_MS[0]!);
    expect((await api.next()).query.resourceVersion).toBe('20');
  });
});

describe('a watch that breaks', () => {
  it.each<[string, (watch: Exchange) => void]>([
    ['is reset', (watch) => watch.reset()],
    ['ends in the middle of a line', (watch) => watch.write('{"type":"ADDED","object":{"metadata":{"na').end()],
    ['sends what is not JSON', (watch) => void watch.write('<html>\n')],
    ['sends an event of an unknown type', (watch) => void watch.send('SURPRISE', map('x', 'u9', '9'))],
    ['sends an object without metadata', (watch) => void watch.send('ADDED', {})],
    ['sends null', (watch) => void watch.write('null\n')],
    ['sends an error', (watch) => void watch.send('ERROR', { kind: 'Status', code: 500, reason: 'InternalError' })],
    ['ends at once', (watch) => watch.end()],
  ])('goes on from the same place when it %s', async (_name, breakIt) => {
    const { next } = start();
    const watch = await listThenWatch('7');
    watch.send('ADDED', map('one', 'u1', '8'));
    await next();
    breakIt(watch);
    await passBackOff(BACK_OFF_MS[0]!);
    const again = (await api.next()).open();
    expect(again.query.resourceVersion).toBe('8');
    again.send('MODIFIED', map('one', 'u1', '9'));
    expect(await next()).toBe('updated one u1@9');
    expect(informers.health()).toMatchObject([{ relists: 0, reconnects: 1, lastError: undefined }]);
  });

  it('is given up after a silence, and opened again', async () => {
    const { next } = start();
    const watch = await listThenWatch('7');
    watch.send('ADDED', map('one', 'u1', '8'));
    await next();
    await clock.advance(INACTIVITY_MS);
    await watch.closed();
    // It was healthy until then, so only the first, short wait follows.
    await passBackOff(BACK_OFF_MS[0]!);
    expect((await api.next()).query.watch).toBe('true');
  });

  it('is kept while anything arrives', async () => {
    const { next } = start();
    const watch = await listThenWatch('7');
    watch.send('ADDED', map('one', 'u1', '8'));
    await next();
    await clock.advance(INACTIVITY_MS - 1);
    watch.send('MODIFIED', map('one', 'u1', '9'));
    expect(await next()).toBe('updated one u1@9');
    await clock.advance(INACTIVITY_MS - 1);
    watch.send('MODIFIED', map('one', 'u1', '10'));
    expect(await next()).toBe('updated one u1@10');
    expect(api.unexpected).toEqual([]);
  });

  it.each<[string, (watch: Exchange) => void]>([
    ['in the stream', (watch) => void watch.open().send('ERROR', expired)],
    ['as its answer', (watch) => watch.status(410, 'Gone')],
  ])('is replaced by a list when what was missed is gone: 410 %s', async (_name, answer) => {
    const { next } = start();
    (await api.next()).list('7', [map('one', 'u1', '1'), map('two', 'u2', '1')]);
    await next();
    await next();
    answer(await api.next());
    await passBackOff(BACK_OFF_MS[0]!);
    const list = await api.next();
    expect(list.query).toEqual({ limit: '500' });
    list.list('30', [map('one', 'u3', '29')]);
    expect([await next(), await next(), await next()]).toEqual([
      'deleted one u1@1',
      'deleted two u2@1',
      'added one u3@29',
    ]);
    expect((await api.next()).query.resourceVersion).toBe('30');
    expect(informers.health()).toMatchObject([{ relists: 1 }]);
  });

  it('is tried again ever more slowly, and quickly again after a healthy time', async () => {
    const { next } = start();
    (await listThenWatch('7')).end();
    await passBackOff(BACK_OFF_MS[0]!);
    (await api.next()).reset();
    await passBackOff(BACK_OFF_MS[1]!);
    (await api.next()).status(500, 'InternalError');
    await passBackOff(BACK_OFF_MS[2]!);
    const watch = (await api.next()).open().send('ADDED', map('one', 'u1', '8'));
    await next();
    await clock.advance(60_000);
    watch.end();
    await passBackOff(BACK_OFF_MS[0]!);
    expect((await api.next()).query.resourceVersion).toBe('8');
  });

  it('waits as long as the server asks', async () => {
    start();
    (await api.next()).list('7', []);
    (await api.next()).status(429, 'TooManyRequests', {}, { 'retry-after': '12' });
    await clock.timerOf(12_000);
    await clock.advance(11_999);
    expect(api.unexpected).toEqual([]);
    await clock.advance(1);
    expect((await api.next()).query.watch).toBe('true');
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
    const { informer, next } = start();
    answer(await api.next());
    await clock.timerOf(BACK_OFF_MS[0]!);
    expect(informer.hasSynced()).toBe(false);
    expect(informers.health()[0]?.lastError).toMatch(/configmaps/);
    await clock.advance(BACK_OFF_MS[0]!);
    (await api.next()).list('7', [map('one', 'u1', '1')]);
    expect(await next()).toBe('added one u1@1');
    expect(informer.hasSynced()).toBe(true);
  });

  it('deletes nothing from the cache when it comes after a complete one', async () => {
    const { informer, next, seen } = start();
    (await api.next()).list('7', [map('one', 'u1', '1')]);
    await next();
    (await api.next()).status(410, 'Gone');
    await passBackOff(BACK_OFF_MS[0]!);
    (await api.next()).status(500, 'InternalError');
    await clock.timerOf(BACK_OFF_MS[1]!);
    expect(seen).toEqual([]);
    expect([informer.list().length, informer.hasSynced()]).toEqual([1, true]);
  });

  it('starts again when its continue token has expired', async () => {
    const { next } = start();
    (await api.next()).list('7', [map('one', 'u1', '1')], { continue: 'more' });
    (await api.next()).status(410, 'Expired');
    const whole = await api.next();
    expect(whole.query).toEqual({});
    whole.list('9', [map('two', 'u2', '8')]);
    expect(await next()).toBe('added two u2@8');
  });
});

describe('a handler that throws', () => {
  it('does not end the watch', async () => {
    informers.register(CONFIG_MAPS, {}).onEvent(() => {
      throw new Error('broken handler');
    });
    const { next } = start();
    const watch = await listThenWatch('7', [map('one', 'u1', '1')]);
    await next();
    watch.send('ADDED', map('two', 'u2', '8'));
    expect(await next()).toBe('added two u2@8');
    expect(informers.health()).toMatchObject([{ reconnects: 0 }]);
  });
});

describe('stopping', () => {
  it('during a list leaks no event', async () => {
    const { seen } = start();
    const list = await api.next();
    const stopped = informers.stop();
    list.list('7', [map('one', 'u1', '1')]);
    await stopped;
    await list.closed();
    expect(seen).toEqual([]);
    expect(clock.pending()).toEqual([]);
  });

  it('during a watch leaks no event and frees the connection', async () => {
    const { seen } = start();
    const watch = await listThenWatch('7');
    watch.send('ADDED', map('one', 'u1', '8'));
    const stopped = informers.stop();
    watch.send('ADDED', map('two', 'u2', '9'));
    await Promise.all([stopped, watch.closed()]);
    expect(seen).toEqual([]);
    expect(clock.pending()).toEqual([]);
  });

  it('during a back-off does not wait for it', async () => {
    start();
    (await api.next()).reset();
    await clock.timerOf(BACK_OFF_MS[0]!);
    await informers.stop();
    expect(clock.pending()).toEqual([]);
  });

  it('leaves no listener on the signal given at the start', async () => {
    const running = new AbortController();
    informers.register(CONFIG_MAPS, {});
    informers.start(running.signal);
    await listThenWatch('7');
    await informers.stop();
    expect(getEventListeners(running.signal, 'abort')).toEqual([]);
  });

  it('comes also from the signal given at the start', async () => {
    const running = new AbortController();
    informers.register(CONFIG_MAPS, {});
    informers.start(running.signal);
    const list = await api.next();
    running.abort();
    await list.closed();
  });

  it('may be followed by a new start, which lists and tells what changed between', async () => {
    const { next } = start();
    await listThenWatch('7', [map('one', 'u1', '1')]);
    await next();
    await informers.stop();
    informers.start(new AbortController().signal);
    (await api.next()).list('20', [map('one', 'u2', '19')]);
    expect([await next(), await next()]).toEqual(['deleted one u1@1', 'added one u2@19']);
  });
});

describe('several namespaces', () => {
  it('feed one cache, which is complete when all of them are', async () => {
    informers = informersOf(['a', 'b', 'a']);
    const { informer, next } = start();
    const lists = [await api.next(), await api.next()].toSorted((one, other) => one.path.localeCompare(other.path));
    expect(lists.map(({ path }) => path)).toEqual([
      '/api/v1/namespaces/a/configmaps',
      '/api/v1/namespaces/b/configmaps',
    ]);
    lists[0]?.list('7', [map('one', 'u1', '1')]);
    expect(await next()).toBe('added one u1@1');
    expect(informer.hasSynced()).toBe(false);
    const other = map('two', 'u2', '2');
    other.metadata.namespace = 'b';
    lists[1]?.list('7', [other]);
    expect(await next()).toBe('added two u2@2');
    expect(informer.hasSynced()).toBe(true);
    expect(informer.get('b', 'two')).toBeDefined();
  });

  it('are one watch when all are wanted', async () => {
    informers = informersOf('*');
    start();
    expect((await api.next()).path).toBe('/api/v1/configmaps');
    expect(informers.health()).toMatchObject([{ namespace: undefined }]);
  });
});

describe('waiting for the first sync', () => {
  it('ends when every cache is complete', async () => {
    informers.register(PODS, {});
    start();
    const synced = informers.waitForSync(new AbortController().signal);
    (await api.next()).list('1', []);
    (await api.next()).list('1', []);
    await synced;
    expect(informers.hasSynced()).toBe(true);
  });

  it('ends at once when there is nothing to wait for', async () => {
    await informers.waitForSync(new AbortController().signal);
  });

  it('fails when it is aborted', async () => {
    start();
    const waiting = new AbortController();
    const synced = informers.waitForSync(waiting.signal);
    waiting.abort(new Error('enough'));
    await expect(synced).rejects.toThrow('enough');
    await expect(informers.waitForSync(waiting.signal)).rejects.toThrow('enough');
  });
});

describe('registrations', () => {
  it('of one kind share one cache', () => {
    expect(informers.register(CONFIG_MAPS, {})).toBe(informers.register(CONFIG_MAPS, {}));
  });

  it('restrict list and watch by a label selector', async () => {
    informers.register(CONFIG_MAPS, { labelSelector: 'x=y' });
    informers.start(new AbortController().signal);
    const list = await api.next();
    list.list('7', []);
    expect([list.query.labelSelector, (await api.next()).query.labelSelector]).toEqual(['x=y', 'x=y']);
  });

  it('must agree on the label selector', () => {
    informers.register(CONFIG_MAPS, { labelSelector: 'x=y' });
    expect(() => informers.register(CONFIG_MAPS, {})).toThrow('two different label selectors');
  });

  it('come before the start', () => {
    informers.start(new AbortController().signal);
    expect(() => informers.register(CONFIG_MAPS, {})).toThrow('after the start');
    expect(() => informers.start(new AbortController().signal)).toThrow('running');
  });
});

describe('health', () => {
  it('tells age, counts and the last error of each watch', async () => {
    const { next } = start();
    expect(informers.health()).toEqual([
      {
        kind: 'ConfigMap',
        namespace: 'a',
        synced: false,
        lastEventAgeMs: undefined,
        relists: 0,
        reconnects: 0,
        lastError: undefined,
      },
    ]);
    const watch = await listThenWatch('7');
    watch.send('ADDED', map('one', 'u1', '8'));
    await next();
    await clock.advance(5000);
    expect(informers.health()).toMatchObject([{ synced: true, lastEventAgeMs: 5000 }]);
    watch.send('ERROR', { kind: 'Status', code: 500, reason: 'InternalError', message: 'etcd is away' });
    await clock.timerOf(BACK_OFF_MS[0]!);
    expect(informers.health()[0]?.lastError).toBe('WATCH configmaps: 500 InternalError: etcd is away');
  });
});
