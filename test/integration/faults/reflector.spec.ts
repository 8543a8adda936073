import { sharedApiServer } from '../../support/api-server.js';
import { CacheScene } from '../../support/cache-scene.js';
import { eventually } from '../../support/eventually.js';
import type { Fault, Injection, Match } from '../../support/fault-proxy/fault-proxy.js';

const server = sharedApiServer();
let scenes = 0;
let scene: CacheScene;

beforeEach(async () => {
  scenes += 1;
  scene = await CacheScene.open(server, `faults-reflector-${scenes}`);
});

afterEach(() => scene.close());
afterAll(() => server.stop());

interface Injected {
  readonly match: Match;
  readonly fault: Fault;
  /** Infinity: until everything is written. */
  readonly times: number;
}

interface Row {
  readonly name: string;
  readonly faults: readonly Injected[];
  /** Whether open connections are reset as well. */
  readonly severed?: true;
  readonly relists: number;
  readonly silences?: number;
}

const on =
  (verb: 'watch' | 'list') =>
  (fault: Fault, times = 1): Injected => ({ match: { verb, resource: 'configmaps' }, fault, times });
const watch = on('watch');
const list = on('list');

const GONE = watch({ kind: 'gone' });
const UNAVAILABLE: Fault = { kind: 'status', code: 503 };

/** What a stop may leave. */
const NOTHING = { timers: 0, listeners: 0, streams: 0 };

const ROWS: readonly Row[] = [
  { name: 'connections are reset', severed: true, faults: [watch({ kind: 'reset' }, 3)], relists: 0 },
  { name: 'a watch is accepted and reset', severed: true, faults: [watch({ kind: 'lostResponse' }, 3)], relists: 0 },
  { name: 'a stream ends in the middle of an event', faults: [watch({ kind: 'cut' }, 2)], relists: 0 },
  { name: 'a stream falls silent', faults: [watch({ kind: 'halfOpen' })], relists: 0, silences: 1 },
  { name: 'a stream is late', faults: [watch({ kind: 'lag', ms: 600_000 })], relists: 0 },
  { name: 'a watch is answered late', severed: true, faults: [watch({ kind: 'latency', ms: 100 })], relists: 0 },
  {
    name: 'watches are answered too late',
    severed: true,
    faults: [watch({ kind: 'latency', ms: 9000 }, 2)],
    relists: 0,
  },
  { name: 'watches are refused with 503', severed: true, faults: [watch(UNAVAILABLE, Infinity)], relists: 0 },
  {
    name: 'watches are refused with 429 and a Retry-After',
    severed: true,
    faults: [watch({ kind: 'status', code: 429, reason: 'TooManyRequests', retryAfterSeconds: 3 }, 2)],
    relists: 0,
  },
  { name: 'what was missed is gone', faults: [GONE], relists: 1 },
  { name: 'what was missed is gone, twice', faults: [{ ...GONE, times: 2 }], relists: 2 },
  { name: 'lists are refused with 503', faults: [GONE, list(UNAVAILABLE, Infinity)], relists: 1 },
  {
    name: 'lists are refused with 429 and a Retry-After',
    faults: [GONE, list({ kind: 'status', code: 429, reason: 'TooManyRequests', retryAfterSeconds: 3 }, 2)],
    relists: 1,
  },
  { name: 'lists are reset', faults: [GONE, list({ kind: 'reset' }, 2)], relists: 1 },
  { name: 'the answers to lists are lost', faults: [GONE, list({ kind: 'lostResponse' }, 2)], relists: 1 },
  { name: 'lists end in the middle', faults: [GONE, list({ kind: 'cut' }, 2)], relists: 1 },
  { name: 'lists are gone, too', faults: [GONE, list({ kind: 'gone' }, 2)], relists: 1 },
  { name: 'a list never gets an answer', faults: [GONE, list({ kind: 'halfOpen' })], relists: 1 },
];

async function allHit(injections: readonly Injection[], faults: readonly Injected[]): Promise<void> {
  await eventually(() => expect(injections.map(({ hits }) => hits > 0)).toEqual(faults.map(() => true)));
  await eventually(() =>
    faults.forEach(({ times }, n) => {
      if (times !== Infinity) expect(injections[n]?.hits).toBe(times);
    }),
  );
}

/** Everything that can happen to an object, twice over where it may be merged into one. */
async function write(): Promise<{ renewed: string }> {
  await scene.change('changed', '1');
  await scene.remove('removed');
  await scene.remove('again');
  const renewed = await scene.create('again');
  await scene.create('added');
  await scene.create('short-lived');
  await scene.remove('short-lived');
  await scene.change('changed', 'last');
  return { renewed };
}

describe('a cache behind a broken connection', () => {
  it.each(ROWS)(
    'has the final state of every object when $name',
    async ({ faults, severed, relists, silences }) => {
      for (const name of ['kept', 'changed', 'removed']) await scene.create(name);
      const first = await scene.create('again');
      await scene.startWatching();
      await scene.whenUpToDate();
      const injections = faults.map(({ match, fault, times }) => scene.proxy.inject(match, fault, times));
      if (severed) scene.proxy.sever();
      const { renewed } = await write();
      await allHit(injections, faults);
      for (const injection of injections) injection.remove();
      await scene.whenUpToDate();
      expect(scene.eventsOf('removed').at(-1)).toMatch(/^deleted /);
      expect(scene.eventsOf('again')).toEqual([`added ${first}`, `deleted ${first}`, `added ${renewed}`]);
      expect(scene.informer.list().find(({ metadata }) => metadata.name === 'changed')?.data).toEqual({ n: 'last' });
      await eventually(() => expect(scene.health()).toMatchObject({ synced: true, watching: true, relists }));
      expect(scene.health().silences).toBeGreaterThanOrEqual(silences ?? 0);
      expect(await scene.stop()).toEqual(NOTHING);
    },
    30_000,
  );
});

describe('an event that vanishes', () => {
  beforeEach(async () => {
    await scene.create('changed');
    await scene.startWatching();
    const dropped = scene.proxy.inject({ resource: 'configmaps', name: 'changed' }, { kind: 'dropEvent' });
    await scene.change('changed', '1');
    await dropped.hit();
    expect(scene.cached()).not.toEqual(await scene.stored());
  });

  it('is made up for by the next one of that object', async () => {
    await scene.change('changed', '2');
    await scene.whenUpToDate();
  });

  it('is made up for by the next list', async () => {
    scene.proxy.inject({ verb: 'watch' }, { kind: 'gone' });
    await scene.whenUpToDate();
    await eventually(() => expect(scene.health()).toMatchObject({ watching: true, relists: 1 }));
  });
});

describe('a stop', () => {
  it.each<[string, () => Promise<unknown>]>([
    ['while it watches', () => scene.startWatching()],
    [
      'while a watch is silent',
      async () => {
        await scene.startWatching();
        await scene.proxy.inject({ verb: 'watch' }, { kind: 'halfOpen' }).hit();
      },
    ],
    [
      'while a list hangs',
      async () => {
        const hanging = scene.proxy.inject({ verb: 'list' }, { kind: 'halfOpen' });
        scene.start();
        await hanging.hit();
      },
    ],
    [
      'while it waits to try again',
      async () => {
        const refusing = scene.proxy.inject({ verb: 'list' }, { kind: 'status', code: 429, retryAfterSeconds: 300 });
        scene.start();
        await refusing.hit();
        await eventually(() => expect(scene.health().lastError).toMatch(/ 429 /));
      },
    ],
    [
      'while events are on their way',
      async () => {
        await scene.startWatching();
        for (let n = 0; n < 20; n += 1) await scene.create(`on-its-way-${n}`);
      },
    ],
  ])('leaves no timer, listener or stream, and tells nobody of what comes after it: %s', async (_name, begin) => {
    await begin();
    const stopped = scene.stop();
    const told = scene.events.seen.length;
    await scene.create('too-late');
    expect(await stopped).toEqual(NOTHING);
    expect(scene.events.seen).toHaveLength(told);
  });

  it('leaves no connection once the transport is closed, too', async () => {
    await scene.startWatching();
    await scene.stop();
    expect(scene.proxy.openConnections).toBeGreaterThan(0);
    await scene.stack.transport.close();
    await eventually(() => expect(scene.proxy.openConnections).toBe(0));
  });

  it('may be followed by a start, which tells what happened between', async () => {
    await scene.create('changed');
    const first = await scene.create('again');
    await scene.startWatching();
    await scene.stack.informers.stop();
    await scene.change('changed', '1');
    await scene.remove('again');
    const renewed = await scene.create('again');
    await scene.startWatching();
    await scene.whenUpToDate();
    expect(scene.eventsOf('again')).toEqual([`added ${first}`, `deleted ${first}`, `added ${renewed}`]);
  });
});
