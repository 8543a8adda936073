import type { Agent } from '../../src/api/v1alpha1/agent.types.js';
import type { AgentRun } from '../../src/api/v1alpha1/agent-run.types.js';
import { findCondition } from '../../src/api/meta/condition.js';
import { eventually } from '../support/eventually.js';
import { QUICK } from '../support/hollow-node/pod-script.js';
import { seededRandom } from '../support/seeded-random.js';
import { Fleet } from './support/fleet.js';
import { last } from './support/lives.js';
import { Population } from './support/population.js';
import { type Held, QueueWatch } from './support/queue-watch.js';
import { aStage } from './support/stage.js';

const NAMESPACE = 'outage';
const RUNS = 100;
const SLOTS = 8;
/** A pause begins with this many. */
const RUNS_BEFORE_PAUSE = 3;
/** Probes that fail before the service is healed. */
const PROBES = 2;
const PROBE_MS = 1000;
const DEADLINE_MS = 90_000;
/** Between what etcd stored and when it was seen here. */
const SEEN_LATE_MS = 300;

const stage = aStage();
let watch: QueueWatch;
let isHealed = false;

function pausedOf(agent: Agent): string | undefined {
  return findCondition(agent.status?.conditions, 'Paused')?.status;
}

/** What the Agent said of its pause, version by version, without repetitions. */
function pausesTold(): (string | undefined)[] {
  const versions = stage.cluster.history
    .versions('agents')
    .filter(({ object }) => object.metadata.namespace === NAMESPACE);
  const told = versions.map(({ object }) => pausedOf(object as Agent));
  return told.filter((paused, index) => index === 0 || paused !== told[index - 1]);
}

/** Jobs of runs that came to `AuthFailed`, in the order in which they ended. */
function turnedAway(): Held[] {
  const names = new Set(
    watch
      .runs()
      .map((life) => last(life).object as AgentRun)
      .filter(({ status }) => status?.failureClass === 'AuthFailed')
      .map(({ metadata }) => metadata.name),
  );
  return watch
    .held()
    .filter(({ run }) => names.has(run))
    .toSorted((a, b) => a.to - b.to);
}

/** Those that were turned away and began only after the pause had. */
function probes(): Held[] {
  const ended = turnedAway();
  const pausedAtMs = ended[RUNS_BEFORE_PAUSE - 1]?.toMs ?? Infinity;
  return ended.filter(({ fromMs }) => fromMs > pausedAtMs + PROBE_MS / 2);
}

async function untilProbes(count: number): Promise<void> {
  await eventually(() => {
    if (probes().length < count)
      throw new Error(`${probes().length} probes were turned away: ${JSON.stringify(watch.phases())}`);
  }, DEADLINE_MS);
}

beforeAll(async () => {
  const { cluster, scripts } = stage;
  scripts.play(NAMESPACE, () => ({ ...QUICK, ending: isHealed ? 'succeeds' : 'authFails' }));
  const population = new Population(cluster, NAMESPACE);
  await population.settle({ limits: { maxConcurrentRuns: SLOTS } });
  watch = new QueueWatch(cluster, [NAMESPACE]);
  const env = { JANGAR_PAUSE_PROBE_SECONDS: String(PROBE_MS / 1000) };
  const fleet = await Fleet.start({
    server: cluster.server,
    namespace: NAMESPACE,
    size: 1,
    random: seededRandom(1),
    env,
  });
  try {
    await population.ready();
    await population.runs(RUNS);
    await untilProbes(1);
    const killed = fleet.kill(0, 0);
    await fleet.freeLease();
    await killed;
    await untilProbes(PROBES);
    isHealed = true;
    await eventually(() => {
      const { Succeeded: well = 0, Failed: failed = 0 } = watch.phases();
      if (well + failed < RUNS) throw new Error(`came to ${JSON.stringify(watch.phases())}`);
    }, DEADLINE_MS);
    await eventually(() => expect(pausesTold().at(-1)).toBe('False'), DEADLINE_MS);
  } finally {
    await fleet.stop();
  }
  expect(fleet.members.flatMap(({ violations }) => violations)).toEqual([]);
}, 4 * DEADLINE_MS);

describe('an agent whose service turns 100 queued runs away, with a control plane that is killed meanwhile', () => {
  it('fails those that began the pause, those that held slots then, and a probe at a time', () => {
    const others = turnedAway().length - probes().length - RUNS_BEFORE_PAUSE;
    expect(others).toBeGreaterThanOrEqual(0);
    expect(others).toBeLessThan(SLOTS);
    expect(probes()).toHaveLength(PROBES);
  });

  it('brings all others to their good end once the service is healed, each with one Job', () => {
    expect(watch.phases()).toEqual({ Failed: turnedAway().length, Succeeded: RUNS - turnedAway().length });
    expect(watch.held()).toHaveLength(RUNS);
    expect(watch.mostHeld()).toBeLessThanOrEqual(SLOTS);
  });

  it('waits twice as long after each probe, the kill notwithstanding, and makes one while nothing else runs', () => {
    const held = watch.held();
    for (const [index, probe] of probes().entries()) {
      const before = held.filter(({ from }) => from < probe.from);
      const quietSinceMs = Math.max(...before.map(({ toMs }) => toMs));
      expect(probe.fromMs - quietSinceMs).toBeGreaterThanOrEqual(PROBE_MS * 2 ** index - SEEN_LATE_MS);
    }
  });

  it('says so on the Agent and on the runs that wait, and no more often than that it changes', () => {
    expect(pausesTold().slice(-2)).toEqual(['True', 'False']);
    expect(pausesTold().filter((paused) => paused === 'True')).toHaveLength(1);
    const reasons = watch.runs().flatMap((life) => life.map(({ object }) => (object as AgentRun).status?.reason));
    expect(reasons).toContain('AgentPaused');
    expect(watch.longestWait()).toEqual(['Queued', 'AgentPaused', 'Queued']);
  });
});
