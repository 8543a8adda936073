import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../support/eventually.js';
import { seededRandom } from '../support/seeded-random.js';
import { census, isThrough } from './support/census.js';
import { Fleet } from './support/fleet.js';
import { drawStory, type Moment, tellMoment } from './support/retry-story.js';
import { RunDriver } from './support/run-driver.js';
import { aStage } from './support/stage.js';

const DEADLINE_MS = 60_000;
const ALL_MS = 240_000;
const KILL_MS = 20_000;
/** Control planes at a time, each for its share of the seeds. */
const LANES = 7;

/** `JANGAR_CHAOS_SEED` names one; else the first `JANGAR_RETRY_SEEDS`, 20 unless given. */
const { JANGAR_CHAOS_SEED: only, JANGAR_RETRY_SEEDS: count = '20' } = process.env;
const seeds = only === undefined ? Array.from({ length: Number(count) }, (_, index) => index + 1) : [Number(only)];
const stories = new Map(seeds.map((seed) => [seed, drawStory(seededRandom(seed))]));

const stage = aStage();

function namespaceOf(seed: number): string {
  return `retries-${seed}`;
}

/** Resolves once the leader is dead, and its successor may lead at once. */
async function killAt(moment: Moment, fleet: Fleet, namespace: string, backAfterMs: number): Promise<void> {
  if (moment.at === 'time') await pause(moment.ms);
  else {
    const writes = { verb: ['create', 'patch', 'delete'], namespace } as const;
    await fleet.members[0]!.proxy.inject(writes, { kind: moment.kind }, 1, moment.after).hit();
  }
  const killed = fleet.kill(0, backAfterMs);
  await fleet.freeLease();
  await killed;
}

/** @returns what went wrong */
async function play(seed: number, fleet: Fleet): Promise<string[]> {
  const { cluster, scripts } = stage;
  const { run, moment, backAfterMs } = stories.get(seed)!;
  const namespace = namespaceOf(seed);
  scripts.play(`${namespace}/${run.name}`, run.scriptOf);
  const driver = new RunDriver(cluster, namespace);
  await driver.prepare();
  await fleet.leader();
  const killed = killAt(moment, fleet, namespace, backAfterMs).then(() => true);
  await driver.play(run);
  await eventually(() => {
    if (!isThrough(cluster.history, namespace, [run])) throw new Error('the run has not ended');
  }, DEADLINE_MS).catch(() => undefined);
  const isKilled = await Promise.race([killed, pause(KILL_MS, false)]);
  await fleet.recover();
  await cluster.history.upTo();
  const { violations, remade } = census(cluster.history, namespace, [run]);
  return [...violations, ...remade, ...(isKilled ? [] : ['the control plane was not killed'])];
}

/** One control plane for some seeds, one after the other. */
async function playAll(lane: number, own: readonly number[], results: Map<number, string[]>): Promise<void> {
  const { cluster } = stage;
  const namespace = `retries-lane-${lane}`;
  await Promise.all([namespace, ...own.map(namespaceOf)].map((name) => cluster.createNamespace(name)));
  const env = { JANGAR_WATCH_NAMESPACES: own.map(namespaceOf).join(',') };
  const random = seededRandom(lane);
  const fleet = await Fleet.start({ server: cluster.server, namespace, size: 1, random, env });
  try {
    await fleet.recover();
    for (const seed of own) {
      const before = fleet.members[0]!.violations.length;
      const violations = await play(seed, fleet).catch((error: unknown) => [String(error)]);
      results.set(seed, [...violations, ...fleet.members[0]!.violations.slice(before)]);
    }
  } finally {
    await fleet.stop();
  }
}

describe('a run with two retries', () => {
  const results = new Map<number, string[]>();

  beforeAll(async () => {
    const lanes = Map.groupBy(seeds, (seed) => seed % LANES);
    await Promise.all([...lanes].map(([lane, own]) => playAll(lane, own, results)));
  }, ALL_MS);

  it.each(seeds)(
    'has one live workload at most and the verdict written down before, killing the control plane as seed %i says',
    (seed) => {
      const violations = results.get(seed) ?? ['it was not played'];
      if (violations.length === 0) return;
      const { moment } = stories.get(seed)!;
      const again = `killed ${tellMoment(moment)}; to run it again: make chaos SEED=${seed}`;
      throw new Error([...violations, again].join('\n'));
    },
  );
});
