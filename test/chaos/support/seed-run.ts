import { eventually } from '../../support/eventually.js';
import type { FaultKind } from '../../support/fault-proxy/fault-proxy.js';
import type { HollowCluster } from '../../support/hollow-cluster/hollow-cluster.js';
import { integer, seededRandom } from '../../support/seeded-random.js';
import { type Census, census, isThrough } from './census.js';
import { ChaosMonkey, type Mischief } from './chaos-monkey.js';
import { Fleet } from './fleet.js';
import type { Member } from './member.js';
import { type PlannedRun, planRuns } from './planned-run.js';
import { RunDriver } from './run-driver.js';
import type { Stage } from './stage.js';

const CHAOS_MS = 8000;
/** The Lease of a leader that was killed last, and what a slow machine needs. */
const END_DEADLINE_MS = 60_000;

type Rates = Readonly<Partial<Record<FaultKind, number>>>;

/** Faults that every network and API server has. After each of them the caches catch up by themselves. */
const RATES: Rates = {
  reset: 0.03,
  lostResponse: 0.05,
  cut: 0.02,
  gone: 0.01,
  status: 0.06,
  latency: 0.1,
};

/** Requests that are never answered: the deadlines of passes and of the Lease bound them. */
const SILENT_RATES: Rates = { halfOpen: 0.01 };
const REQUESTS = ['get', 'list', 'create', 'update', 'patch', 'delete'] as const;

/** Faults of watches that leave a cache behind the truth and nobody the wiser: only with these may the resync find something. */
const STALE_RATES: Rates = { dropEvent: 0.03, lag: 0.2, halfOpen: 0.01 };

/** What one seed came to. */
export interface SeedResult extends Census {
  readonly seed: number;
  readonly runs: number;
  readonly faults: ReadonlyMap<FaultKind | Mischief, number>;
  /** What only the resync had found, as the log has it. */
  readonly healed: readonly string[];
}

/**
 * Runs in a namespace of their own, under replicas that are killed and frozen behind proxies that fail, for a while; then
 * everything must come to its end. All that is drawn is drawn from the seed; how processes interleave is not.
 */
export async function runSeed({ cluster, scripts }: Stage, seed: number): Promise<SeedResult> {
  const random = seededRandom(seed);
  const namespace = `chaos-${seed}`;
  const planned = planRuns(random, integer(random, 20, 30), CHAOS_MS);
  for (const { name, scriptOf } of planned) scripts.play(`${namespace}/${name}`, scriptOf);
  await cluster.createNamespace(namespace);
  const driver = new RunDriver(cluster, namespace);
  await driver.prepare();
  const fleet = await Fleet.start({
    server: cluster.server,
    namespace,
    size: integer(random, 2, 3),
    random: seededRandom(-seed),
    env: { JANGAR_RESYNC_SECONDS: '4', JANGAR_MAX_CONCURRENT_RUNS: '8' },
  });
  const unplayed: string[] = [];
  const monkey = new ChaosMonkey(random, cluster, fleet);
  try {
    await fleet.leader();
    const plays = Promise.allSettled(planned.map((run) => driver.play(run)));
    await rage(fleet, monkey, isStale(seed));
    await fleet.recover();
    if (isStale(seed)) fleet.members.forEach(haveListed);
    for (const play of await plays) if (play.status === 'rejected') unplayed.push(String(play.reason));
    await settled(cluster, namespace, planned);
  } finally {
    await fleet.stop();
  }
  await cluster.history.upTo();
  const counted = census(cluster.history, namespace, planned);
  // Kubernetes does not promise one pod per Job when its controller or the API server dies between a write and its answer
  // (https://kubernetes.io/docs/concepts/workloads/controllers/job/#handling-pod-and-container-failures); without that, it does.
  const remade = monkey.counts.has('apiServerRestart') ? [] : counted.remade;
  const healed = fleet.members.flatMap((member) => member.healed.map((line) => `${member.name}: ${line}`));
  return {
    ...counted,
    violations: [
      ...unplayed,
      ...counted.violations,
      ...remade,
      ...ofMembers(fleet.members),
      ...(isStale(seed) ? [] : healed),
    ],
    seed,
    runs: planned.length,
    faults: new Map([...faultsOf(fleet.members), ...monkey.counts]),
    healed,
  };
}

/** Whether events are dropped and held back in this seed. */
function isStale(seed: number): boolean {
  return seed % 3 === 0;
}

async function rage(fleet: Fleet, monkey: ChaosMonkey, stale: boolean): Promise<void> {
  const injections = fleet.members.flatMap(({ proxy }) => [
    proxy.randomly(RATES),
    proxy.randomly(SILENT_RATES, { verb: REQUESTS }),
    ...(stale ? [proxy.randomly(STALE_RATES, { verb: 'watch' })] : []),
  ]);
  await monkey.rage(CHAOS_MS);
  for (const injection of injections) injection.remove();
  // Ends what hangs and what is silent; production waits for its deadlines.
  for (const { proxy } of fleet.members) proxy.sever();
}

/** Has every cache listed anew: a real server drops no event, so nothing else would soon tell what was dropped here. */
function haveListed({ proxy }: Member): void {
  const watches = proxy.requests.filter(({ verb }) => verb === 'watch');
  // Each once, also one that is not open at the moment.
  for (const resource of new Set(watches.map((watch) => watch.resource))) {
    proxy.inject({ verb: 'watch', resource }, { kind: 'gone' });
  }
}

/** Waits for the end of every run. That it does not come is for the census to tell in detail. */
async function settled(cluster: HollowCluster, namespace: string, planned: readonly PlannedRun[]): Promise<void> {
  const check = async (): Promise<void> => {
    await cluster.history.upTo();
    if (!isThrough(cluster.history, namespace, planned)) throw new Error('not all runs have ended');
  };
  await eventually(check, END_DEADLINE_MS).catch(() => undefined);
}

function ofMembers(members: readonly Member[]): string[] {
  return members.flatMap(({ violations }) => violations);
}

function faultsOf(members: readonly Member[]): Map<FaultKind, number> {
  const sum = new Map<FaultKind, number>();
  for (const { proxy } of members) {
    for (const [kind, count] of proxy.counts) sum.set(kind, (sum.get(kind) ?? 0) + count);
  }
  return sum;
}
