import type { AgentSpec } from '../../src/api/v1alpha1/agent.types.js';
import { eventually } from '../support/eventually.js';
import { QUICK } from '../support/hollow-node/pod-script.js';
import { integer, seededRandom } from '../support/seeded-random.js';
import { Fleet } from './support/fleet.js';
import { Population } from './support/population.js';
import { QueueWatch } from './support/queue-watch.js';
import { aStage } from './support/stage.js';

const RUNS = 100;
const DEADLINE_MS = 240_000;
const START_MS = 120_000;
/** Runs whose turn has come are submitted by that many workers side by side, so neighbours may change places. */
const WORKERS = 4;

const stage = aStage();

/** Namespaces with an Agent and its runs each, under one control plane. */
interface Contest {
  readonly name: string;
  /** What the Agents of the three namespaces say. */
  readonly agents: readonly [Partial<AgentSpec>, Partial<AgentSpec>, Partial<AgentSpec>];
  /** Slots in all. */
  readonly slots: number;
  /** Slots of a namespace; no limit unless it is said. */
  readonly ofNamespace?: number;
  /** What each namespace may hold at most. */
  readonly most: readonly [number, number, number];
  /** Runs in each namespace. */
  readonly runs: number;
}

const EQUALS: Contest = { name: 'equals', agents: [{}, {}, {}], slots: 5, most: [5, 5, 5], runs: RUNS };
const CAPPED: Contest = {
  name: 'capped',
  agents: [{ limits: { maxConcurrentRuns: 2 } }, {}, {}],
  slots: 10,
  most: [2, 10, 10],
  runs: RUNS,
};
const NARROW: Contest = {
  name: 'narrow',
  agents: [{}, {}, {}],
  slots: 10,
  ofNamespace: 2,
  most: [2, 2, 2],
  runs: RUNS / 5,
};

function namespacesOf({ name }: Contest): string[] {
  return ['a', 'b', 'c'].map((suffix) => `${name}-${suffix}`);
}

/** Makes all runs at once, and ends when all of them have. */
async function hold(contest: Contest, seed: number): Promise<QueueWatch> {
  const { cluster, scripts } = stage;
  const namespaces = namespacesOf(contest);
  const random = seededRandom(seed);
  for (const namespace of namespaces) scripts.play(namespace, () => ({ ...QUICK, runMs: integer(random, 50, 400) }));
  const populations = namespaces.map((namespace) => new Population(cluster, namespace));
  await Promise.all(populations.map((population, index) => population.settle(contest.agents[index])));
  const watch = new QueueWatch(cluster, namespaces);
  const env = {
    JANGAR_WATCH_NAMESPACES: namespaces.join(','),
    JANGAR_MAX_CONCURRENT_RUNS: String(contest.slots),
    JANGAR_RECONCILE_CONCURRENCY: String(WORKERS),
    ...(contest.ofNamespace !== undefined && {
      JANGAR_MAX_CONCURRENT_RUNS_PER_NAMESPACE: String(contest.ofNamespace),
    }),
  };
  const fleet = await Fleet.start({ server: cluster.server, namespace: namespaces[0]!, size: 1, random, env });
  try {
    await Promise.all(populations.map((population) => population.ready()));
    await Promise.all(populations.map((population) => population.runs(contest.runs)));
    await eventually(() => {
      const { Succeeded: ended = 0 } = watch.phases();
      if (ended < contest.runs * namespaces.length) throw new Error(`came to ${JSON.stringify(watch.phases())}`);
    }, DEADLINE_MS);
  } finally {
    await fleet.stop();
  }
  expect(fleet.members.flatMap(({ violations }) => violations)).toEqual([]);
  return watch;
}

/** How often each namespace was served while all of them still had runs that waited. */
function servedWhileAllWaited(watch: QueueWatch, namespaces: readonly string[]): number[] {
  const held = watch.held();
  const firstThrough = Math.min(
    ...namespaces.map((namespace) => held.findLastIndex((each) => each.namespace === namespace)),
  );
  const served = held.slice(0, firstThrough);
  return namespaces.map((namespace) => served.filter((each) => each.namespace === namespace).length);
}

describe('three namespaces with an Agent and 100 runs each', () => {
  const contests = new Map<Contest, Promise<QueueWatch>>();

  beforeAll(() => {
    // Side by side: they wait for the Job controller most of the time.
    for (const [index, contest] of [EQUALS, CAPPED, NARROW].entries()) contests.set(contest, hold(contest, index + 1));
    return Promise.allSettled(contests.values());
  }, DEADLINE_MS + START_MS);

  afterAll(async () => {
    for (const [contest, held] of contests) {
      const watch = await held;
      const served = servedWhileAllWaited(watch, namespacesOf(contest)).join(', ');
      const most = `${watch.mostHeld()} of ${contest.slots} slots at most, ${watch.longestWait().length} writes before submission at most`;
      process.stdout.write(`    ${contest.name}: ${most}; served while all waited: ${served}\n`);
    }
  });

  it.each([
    ['five slots in all', EQUALS],
    ['ten slots in all, two for the Agent of one', CAPPED],
    ['ten slots in all, two for each namespace', NARROW],
  ])('and %s never hold more, and every one of them ends well after one Job', async (_name, contest) => {
    const watch = await contests.get(contest)!;
    const namespaces = namespacesOf(contest);
    expect(watch.phases()).toEqual({ Succeeded: contest.runs * namespaces.length });
    expect(new Set(watch.held().map(({ namespace, run }) => `${namespace}/${run}`)).size).toBe(watch.held().length);
    expect(watch.mostHeld()).toBeLessThanOrEqual(contest.slots);
    for (const [index, namespace] of namespaces.entries()) {
      expect(watch.mostHeld(namespace)).toBeLessThanOrEqual(contest.most[index]!);
      expect(watch.mostOutOfTurn(namespace, contest.slots)).toBeLessThan(WORKERS);
    }
    expect(watch.longestWait()).toEqual(['Queued']);
  });

  it('and five slots in all share them evenly, within a tenth', async () => {
    const served = servedWhileAllWaited(await contests.get(EQUALS)!, namespacesOf(EQUALS));
    const even = served.reduce((sum, each) => sum + each, 0) / served.length;
    expect(even).toBeGreaterThan(RUNS / 2);
    expect(Math.max(...served.map((each) => Math.abs(each / even - 1)))).toBeLessThanOrEqual(0.1);
  });

  it('and a limit on the Agent of one leave to it what it may hold, and share the rest evenly', async () => {
    const watch = await contests.get(CAPPED)!;
    const [capped = 0, ...others] = servedWhileAllWaited(watch, namespacesOf(CAPPED));
    const even = others.reduce((sum, each) => sum + each, 0) / others.length;
    expect(even).toBeGreaterThan(RUNS / 2);
    expect(Math.max(...others.map((each) => Math.abs(each / even - 1)))).toBeLessThanOrEqual(0.1);
    // Two of ten slots against four: half as often, give or take what the lengths of the runs make of it.
    expect(capped / even).toBeGreaterThan(0.4);
    expect(capped / even).toBeLessThan(0.6);
  });
});
