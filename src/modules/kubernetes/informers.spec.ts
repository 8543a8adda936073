import { getEventListeners } from 'node:events';
import { BACK_OFF_MS, bookmark, configMap, InformerScene } from '../../../test/support/informer-scene.js';
import { CONFIG_MAPS, PODS } from './resource.js';

let scene: InformerScene;

beforeEach(async () => {
  scene = await InformerScene.open();
});

afterEach(() => scene.close());

async function reopen(watchNamespaces: readonly string[] | '*'): Promise<void> {
  await scene.close();
  scene = await InformerScene.open(watchNamespaces);
}

describe('an informer', () => {
  it('lists page by page and watches from there with bookmarks and a bounded time', async () => {
    const { informer, next } = scene.start();
    const first = await scene.api.next();
    expect([first.path, first.query]).toEqual(['/api/v1/namespaces/a/configmaps', { limit: '500' }]);
    first.list('7', [configMap('one', 'u1', '1')], { continue: 'more' });
    const second = await scene.api.next();
    expect(second.query).toEqual({ limit: '500', continue: 'more' });
    expect(informer.hasSynced()).toBe(false);
    second.list('7', [configMap('two', 'u2', '2')]);
    expect([await next(), await next()]).toEqual(['added one u1@1', 'added two u2@2']);
    const watch = await scene.api.next();
    expect(watch.query).toEqual({
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: '7',
      timeoutSeconds: '450',
    });
    expect(informer.hasSynced()).toBe(true);
  });

  it('follows the watch', async () => {
    const { informer, next } = scene.start();
    const watch = await scene.listThenWatch('7');
    watch.send('ADDED', configMap('one', 'u1', '8')).send('MODIFIED', configMap('one', 'u1', '9'));
    watch.send('DELETED', configMap('one', 'u1', '10')).send('ADDED', configMap('one', 'u2', '11'));
    expect([await next(), await next(), await next(), await next()]).toEqual([
      'added one u1@8',
      'updated one u1@9',
      'deleted one u1@10',
      'added one u2@11',
    ]);
    expect(informer.list()).toHaveLength(1);
  });

  it('continues after the end of a watch from the last event or bookmark', async () => {
    const { next } = scene.start();
    const watch = await scene.listThenWatch('7');
    watch.send('ADDED', configMap('one', 'u1', '8'));
    await next();
    watch.send('BOOKMARK', bookmark('20')).end();
    await scene.passBackOff();
    expect((await scene.api.next()).query.resourceVersion).toBe('20');
  });
});

describe('a handler that throws', () => {
  it('does not end the watch', async () => {
    scene.informers.register(CONFIG_MAPS, {}).onEvent(() => {
      throw new Error('broken handler');
    });
    const { next } = scene.start();
    const watch = await scene.listThenWatch('7', [configMap('one', 'u1', '1')]);
    await next();
    watch.send('ADDED', configMap('two', 'u2', '8'));
    expect(await next()).toBe('added two u2@8');
    expect(scene.informers.health()).toMatchObject([{ reconnects: 0 }]);
  });
});

describe('stopping', () => {
  it('during a list leaks no event', async () => {
    const { seen } = scene.start();
    const list = await scene.api.next();
    const stopped = scene.informers.stop();
    list.list('7', [configMap('one', 'u1', '1')]);
    await stopped;
    await list.closed();
    expect(seen).toEqual([]);
    expect(scene.clock.pending()).toEqual([]);
  });

  it('during a watch leaks no event and frees the connection', async () => {
    const { seen } = scene.start();
    const watch = await scene.listThenWatch('7');
    watch.send('ADDED', configMap('one', 'u1', '8'));
    const stopped = scene.informers.stop();
    watch.send('ADDED', configMap('two', 'u2', '9'));
    await Promise.all([stopped, watch.closed()]);
    expect(seen).toEqual([]);
    expect(scene.clock.pending()).toEqual([]);
  });

  it('during a back-off does not wait for it', async () => {
    scene.start();
    (await scene.api.next()).reset();
    await scene.clock.timerOf(BACK_OFF_MS[0]);
    await scene.informers.stop();
    expect(scene.clock.pending()).toEqual([]);
  });

  it('leaves no listener on the signal given at the start', async () => {
    const running = new AbortController();
    scene.informers.register(CONFIG_MAPS, {});
    scene.informers.start(running.signal);
    await scene.listThenWatch('7');
    await scene.informers.stop();
    expect(getEventListeners(running.signal, 'abort')).toEqual([]);
  });

  it('comes also from the signal given at the start', async () => {
    const running = new AbortController();
    scene.informers.register(CONFIG_MAPS, {});
    scene.informers.start(running.signal);
    const list = await scene.api.next();
    running.abort();
    await list.closed();
  });

  it('twice at once does not end what was started after it', async () => {
    const { next } = scene.start();
    await scene.listThenWatch('7');
    const first = scene.informers.stop().then(() => scene.informers.start(new AbortController().signal));
    await Promise.all([first, scene.informers.stop()]);
    await scene.informers.stop();
    expect(scene.clock.pending()).toEqual([]);
    scene.informers.start(new AbortController().signal);
    await scene.listThenWatch('20', [configMap('one', 'u1', '19')]);
    expect(await next()).toBe('added one u1@19');
  });

  it('may be followed by a new start, which lists and tells what changed between', async () => {
    const { next } = scene.start();
    await scene.listThenWatch('7', [configMap('one', 'u1', '1')]);
    await next();
    await scene.informers.stop();
    scene.informers.start(new AbortController().signal);
    (await scene.api.next()).list('20', [configMap('one', 'u2', '19')]);
    expect([await next(), await next()]).toEqual(['deleted one u1@1', 'added one u2@19']);
  });
});

describe('several namespaces', () => {
  it('feed one cache, which is complete when all of them are', async () => {
    await reopen(['a', 'b', 'a']);
    const { informer, next } = scene.start();
    const lists = [await scene.api.next(), await scene.api.next()].toSorted((one, other) =>
      one.path.localeCompare(other.path),
    );
    expect(lists.map(({ path }) => path)).toEqual([
      '/api/v1/namespaces/a/configmaps',
      '/api/v1/namespaces/b/configmaps',
    ]);
    lists[0]?.list('7', [configMap('one', 'u1', '1')]);
    expect(await next()).toBe('added one u1@1');
    expect(informer.hasSynced()).toBe(false);
    const other = configMap('two', 'u2', '2');
    other.metadata.namespace = 'b';
    lists[1]?.list('7', [other]);
    expect(await next()).toBe('added two u2@2');
    expect(informer.hasSynced()).toBe(true);
    expect(informer.get('b', 'two')).toBeDefined();
  });

  it('are one watch when all are wanted', async () => {
    await reopen('*');
    scene.start();
    expect((await scene.api.next()).path).toBe('/api/v1/configmaps');
    expect(scene.informers.health()).toMatchObject([{ namespace: undefined }]);
  });
});

describe('waiting for the first sync', () => {
  it('ends when every cache is complete', async () => {
    scene.informers.register(PODS, {});
    scene.start();
    const synced = scene.informers.waitForSync(new AbortController().signal);
    (await scene.api.next()).list('1', []);
    (await scene.api.next()).list('1', []);
    await synced;
    expect(scene.informers.hasSynced()).toBe(true);
  });

  it('ends at once when there is nothing to wait for', async () => {
    await scene.informers.waitForSync(new AbortController().signal);
  });

  it('fails when it is aborted', async () => {
    scene.start();
    const waiting = new AbortController();
    const synced = scene.informers.waitForSync(waiting.signal);
    waiting.abort(new Error('enough'));
    await expect(synced).rejects.toThrow('enough');
    await expect(scene.informers.waitForSync(waiting.signal)).rejects.toThrow('enough');
  });
});

describe('registrations', () => {
  it('of one kind share one cache', () => {
    expect(scene.informers.register(CONFIG_MAPS, {})).toBe(scene.informers.register(CONFIG_MAPS, {}));
  });

  it('restrict list and watch by a label selector', async () => {
    scene.informers.register(CONFIG_MAPS, { labelSelector: 'x=y' });
    scene.informers.start(new AbortController().signal);
    const list = await scene.api.next();
    list.list('7', []);
    expect([list.query.labelSelector, (await scene.api.next()).query.labelSelector]).toEqual(['x=y', 'x=y']);
  });

  it('must agree on the label selector', () => {
    scene.informers.register(CONFIG_MAPS, { labelSelector: 'x=y' });
    expect(() => scene.informers.register(CONFIG_MAPS, {})).toThrow('two different label selectors');
  });

  it('come before the start', () => {
    scene.informers.start(new AbortController().signal);
    expect(() => scene.informers.register(CONFIG_MAPS, {})).toThrow('after the start');
    expect(() => scene.informers.start(new AbortController().signal)).toThrow('running');
  });
});

describe('health', () => {
  it('tells age, counts and the last error of each watch', async () => {
    const { next } = scene.start();
    expect(scene.informers.health()).toEqual([
      {
        kind: 'ConfigMap',
        namespace: 'a',
        synced: false,
        watching: false,
        lastEventAgeMs: undefined,
        relists: 0,
        reconnects: 0,
        silences: 0,
        lastError: undefined,
        lastErrorAgeMs: undefined,
      },
    ]);
    const watch = await scene.listThenWatch('7');
    watch.send('ADDED', configMap('one', 'u1', '8'));
    await next();
    await scene.clock.advance(5000);
    expect(scene.informers.health()).toMatchObject([{ synced: true, watching: true, lastEventAgeMs: 5000 }]);
    watch.send('ERROR', { kind: 'Status', code: 500, reason: 'InternalError', message: 'etcd is away' });
    await scene.clock.timerOf(BACK_OFF_MS[0]);
    const lastError = 'WATCH configmaps: 500 InternalError: etcd is away';
    expect(scene.informers.health()).toMatchObject([{ watching: false, lastError, lastErrorAgeMs: 0 }]);
    await scene.clock.advance(BACK_OFF_MS[0]);
    (await scene.api.next()).open().send('MODIFIED', configMap('one', 'u1', '9'));
    await next();
    expect(scene.informers.health()).toMatchObject([{ watching: true, lastError, lastErrorAgeMs: 800 }]);
  });

  it('calls the caches up to date once each watch has been open long enough to tell what was missed', async () => {
    const { next } = scene.start();
    expect(scene.informers.areUpToDate('a')).toBe(false);
    const watch = await scene.listThenWatch('7');
    watch.send('ADDED', configMap('one', 'u1', '8'));
    await next();
    await scene.clock.advance(999);
    expect(scene.informers.areUpToDate('a')).toBe(false);
    await scene.clock.advance(1);
    expect(scene.informers.areUpToDate('a')).toBe(true);
    watch.send('ERROR', { kind: 'Status', code: 500, reason: 'InternalError', message: 'etcd is away' });
    await scene.clock.timerOf(BACK_OFF_MS[0]);
    expect(scene.informers.areUpToDate('a')).toBe(false);
  });

  it('judges the caches of a namespace by its own watches: one elsewhere may be broken for ever', async () => {
    await reopen(['a', 'b']);
    const { next } = scene.start();
    for (const list of [await scene.api.next(), await scene.api.next()]) {
      if (list.path.includes('/namespaces/a/')) list.list('7', []);
      else list.status(403, 'Forbidden');
    }
    (await scene.api.next()).open().send('ADDED', configMap('one', 'u1', '8'));
    await next();
    await scene.clock.timerOf(BACK_OFF_MS[0]);
    await scene.clock.advance(BACK_OFF_MS[0]);
    (await scene.api.next()).status(403, 'Forbidden');
    await scene.clock.advance(1000 - BACK_OFF_MS[0]);
    expect(scene.informers.areUpToDate('a')).toBe(true);
    expect(scene.informers.areUpToDate('b')).toBe(false);
  });
});
