import { type ApiServer, startApiServer } from '../../support/api-server.js';
import { CacheScene } from '../../support/cache-scene.js';
import { eventually } from '../../support/eventually.js';

let server: ApiServer;
let scene: CacheScene;
let scenes = 0;

beforeAll(async () => {
  server = await startApiServer();
}, 120_000);

afterAll(() => server.stop());

beforeEach(async () => {
  scenes += 1;
  scene = await CacheScene.open(server, `faults-outage-${scenes}`);
});

afterEach(() => scene.close());

/** Keeps the cache from the server until the injections are removed, whatever becomes of the server. */
function cutOff(): () => void {
  const match = { verb: ['list', 'watch'] as const, resource: 'configmaps' };
  const refusal = scene.proxy.inject(match, { kind: 'status', code: 503 }, Infinity);
  scene.proxy.sever();
  return () => refusal.remove();
}

/** Changes, deletes, makes again and adds; gives the uid of what was made again. */
async function write(): Promise<string> {
  await scene.change('changed', 'last');
  await scene.remove('removed');
  await scene.remove('again');
  await scene.create('added');
  return scene.create('again');
}

describe('a cache whose API server', () => {
  beforeEach(async () => {
    for (const name of ['changed', 'removed', 'again']) await scene.create(name);
  });

  it('was killed keeps what it has, and catches up when the server is back', async () => {
    await scene.startWatching();
    const first = scene.eventsOf('again')[0];
    const before = scene.cached();
    await server.kill();
    await eventually(() => expect(scene.health()).toMatchObject({ watching: false, synced: true, silences: 0 }));
    await eventually(() => expect(scene.health().lastError).toMatch(/^GET configmaps .* 0 NetworkError/));
    expect(scene.cached()).toEqual(before);
    expect(scene.informer.hasSynced()).toBe(true);
    const connect = cutOff();
    await server.restart();
    const renewed = await write();
    connect();
    await scene.whenUpToDate();
    expect(scene.eventsOf('again')).toEqual([first, `deleted ${first?.split(' ')[1]}`, `added ${renewed}`]);
  }, 60_000);

  it('has forgotten what was missed lists again, once', async () => {
    await scene.startWatching();
    const connect = cutOff();
    const renewed = await write();
    await server.compact();
    await server.restart();
    connect();
    await scene.whenUpToDate();
    expect(scene.eventsOf('again').slice(1)).toEqual([expect.stringMatching(/^deleted /), `added ${renewed}`]);
    await eventually(() => expect(scene.health()).toMatchObject({ watching: true, relists: 1 }));
  }, 60_000);

  it('is not there yet is complete only once it is', async () => {
    await server.kill();
    scene.start();
    await eventually(() => expect(scene.health().lastError).toMatch(/ 0 NetworkError/));
    expect(scene.informer.hasSynced()).toBe(false);
    await server.restart();
    await scene.whenUpToDate();
    expect(scene.informer.hasSynced()).toBe(true);
  }, 60_000);
});
