import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { FakeClock } from '../../../test/support/fake-clock.js';
import { ObjectStore } from './object-store.js';
import { Reflector } from './reflector.js';
import { CONFIG_MAPS } from './resource.js';

const OBJECTS = 100;
const EVENTS_PER_CHUNK = 500;
const EVENTS = 100_000;
/** By then all that is made once has been made. */
const WARM = 20_000;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heapUsed(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

function objectOf(n: number, uid: number) {
  const metadata = { name: `object-${n % OBJECTS}`, namespace: 'a', uid: `uid-${uid}`, resourceVersion: String(n + 1) };
  return { metadata: { ...metadata, labels: { n: String(n) } }, data: { text: `event ${n} `.repeat(10) } };
}

/** Objects change in turn; each tenth one is deleted and made again, with another uid. */
function* linesOfEvents(): Generator<string> {
  const uids = Array.from({ length: OBJECTS }, (_, n) => n);
  for (let n = 0; n < EVENTS; n += 1) {
    const slot = n % OBJECTS;
    const again = n % 10 === 9;
    if (again) yield line('DELETED', objectOf(n, uids[slot] ?? 0));
    if (again) uids[slot] = n + OBJECTS;
    yield line(again ? 'ADDED' : 'MODIFIED', objectOf(n, uids[slot] ?? 0));
  }
}

const line = (type: string, object: object): string => `${JSON.stringify({ type, object })}\n`;

describe('a reflector and its cache', () => {
  it('hold no more after 100,000 events than before', async () => {
    const store = new ObjectStore(CONFIG_MAPS, () => undefined);
    store.configure({ indexes: { label: ({ metadata }) => [metadata.labels?.n ?? ''] } });
    let told = 0;
    store.onEvent(() => (told += 1));
    const stop = new AbortController();
    let delivered = 0;
    let warm = { heap: 0, delivered: 0 };
    const growth = Promise.withResolvers<number>();
    async function* chunks(): AsyncGenerator<Uint8Array> {
      let chunk = '';
      let events = 0;
      for (const text of linesOfEvents()) {
        chunk += text;
        events += 1;
        if (events % EVENTS_PER_CHUNK !== 0) continue;
        delivered += chunk.length;
        yield await Promise.resolve(new TextEncoder().encode(chunk));
        chunk = '';
        if (events === WARM) warm = { heap: heapUsed(), delivered };
      }
      growth.resolve((heapUsed() - warm.heap) / (delivered - warm.delivered));
      stop.abort();
    }
    const items = Array.from({ length: OBJECTS }, (_, n) => objectOf(n, n));
    const transport = {
      request: () => Promise.resolve({ metadata: { resourceVersion: '1' }, items }),
      stream: () => Promise.resolve(chunks()),
    };
    const target = { resource: CONFIG_MAPS, namespace: 'a', labelSelector: undefined };
    const callbacks = { synced: () => undefined, failed: () => undefined };
    const tools = { transport, clock: new FakeClock(), random: () => 0.5, ...callbacks };
    await new Reflector(target, store.sink('a'), tools).run(stop.signal);
    expect(store.list()).toHaveLength(OBJECTS);
    expect(told).toBeGreaterThan(EVENTS);
    // Of what was delivered, next to nothing may stay.
    expect(await growth.promise).toBeLessThan(0.02);
  }, 30_000);
});
