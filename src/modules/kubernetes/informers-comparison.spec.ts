import { configMap, InformerScene } from '../../../test/support/informer-scene.js';

let scene: InformerScene;

beforeEach(async () => {
  scene = await InformerScene.open();
});

afterEach(() => scene.close());

describe('a comparison', () => {
  it('has a cache listed anew whose watch has passed over a change, and its event says so', async () => {
    const { informer, next } = scene.start();
    const missed: (boolean | undefined)[] = [];
    informer.onEvent((event) => missed.push(event.missed));
    const watch = await scene.listThenWatch('7', [configMap('one', 'u1', '5'), configMap('two', 'u2', '6')]);
    watch.send('MODIFIED', configMap('two', 'u2', '20'));
    await Promise.all([next(), next(), next()]);
    const compared = scene.informers.compare(new AbortController().signal);
    (await scene.api.next()).list('20', [configMap('one', 'u1', '12'), configMap('two', 'u2', '20')]);
    await compared;
    watch.send('MODIFIED', configMap('two', 'u2', '21'));
    expect(await next()).toBe('updated two u2@21');
    await scene.passBackOff();
    (await scene.api.next()).list('22', [configMap('one', 'u1', '12'), configMap('two', 'u2', '22')]);
    expect([await next(), await next()]).toEqual(['updated one u1@12', 'updated two u2@22']);
    expect(missed).toEqual([undefined, undefined, undefined, undefined, true, undefined]);
    expect(scene.informers.health()).toMatchObject([{ relists: 1 }]);
  });

  it('leaves a list that fails to the next comparison', async () => {
    const { next } = scene.start();
    const watch = await scene.listThenWatch('7', [configMap('one', 'u1', '5')]);
    await next();
    const compared = scene.informers.compare(new AbortController().signal);
    (await scene.api.next()).status(500, 'InternalError');
    await compared;
    watch.send('MODIFIED', configMap('one', 'u1', '8'));
    expect(await next()).toBe('updated one u1@8');
    expect(scene.informers.health()).toMatchObject([{ relists: 0, lastError: undefined }]);
  });

  it('compares nothing once it is stopped', async () => {
    const { next } = scene.start();
    await scene.listThenWatch('7', [configMap('one', 'u1', '5')]);
    await next();
    await scene.informers.compare(AbortSignal.abort());
    expect(scene.informers.health()).toMatchObject([{ relists: 0, lastError: undefined }]);
  });
});
