import type { Random } from '../../../src/domain/clock.js';
import { sharedApiServer } from '../../support/api-server.js';
import { CacheScene } from '../../support/cache-scene.js';
import type { Injection } from '../../support/fault-proxy/fault-proxy.js';
import { integer, pick, seededRandom } from '../../support/seeded-random.js';

const SEEDS = [1, 2, 3];
const MIN_WRITES = 60;
const MAX_WRITES = 400;
/** When these have happened, enough has gone wrong. */
const FAULTS = 8;
const NAMES = Array.from({ length: 12 }, (_, n) => `object-${n}`);

/** Per request to list or watch, and `cut`, `gone` and `halfOpen` per event. */
const RATES = { reset: 0.1, lostResponse: 0.1, status: 0.1, latency: 0.05, cut: 0.05, gone: 0.03, halfOpen: 0.004 };

const server = sharedApiServer();
afterAll(() => server.stop());

/** Creates, changes, deletes and makes again at random. */
async function writeAtRandom(scene: CacheScene, random: Random, faults: Injection): Promise<void> {
  const there = new Set<string>();
  for (let n = 0; n < MIN_WRITES || (n < MAX_WRITES && faults.hits < FAULTS); n += 1) {
    const name = pick(random, NAMES);
    if (!there.has(name)) {
      await scene.create(name);
      there.add(name);
    } else if (random() < 0.7) {
      await scene.change(name, String(integer(random, 0, 1_000_000)));
    } else {
      await scene.remove(name);
      there.delete(name);
      // At once: only its uid tells it from the one before.
      if (random() < 0.5) {
        await scene.create(name);
        there.add(name);
      }
    }
  }
}

describe('a cache behind random faults', () => {
  it.each(SEEDS)(
    'has, and was told, the final state of every object: seed %i',
    async (seed) => {
      const scene = await CacheScene.open(server, `faults-random-${seed}`, seed);
      try {
        const faults = scene.proxy.randomly(RATES, { verb: ['list', 'watch'], resource: 'configmaps' });
        scene.start();
        await writeAtRandom(scene, seededRandom(seed + 1000), faults);
        faults.remove();
        await scene.whenUpToDate(20_000);
        expect(faults.hits).toBeGreaterThan(0);
        expect(await scene.stop()).toEqual({ timers: 0, listeners: 0, streams: 0 });
      } finally {
        await scene.close();
      }
    },
    60_000,
  );
});
