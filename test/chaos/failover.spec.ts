import { setTimeout as pause } from 'node:timers/promises';
import type { AgentRun } from '../../src/api/v1alpha1/agent-run.types.js';
import { LEASE_TIMING } from '../../src/modules/manager/lease.plan.js';
import { eventually } from '../support/eventually.js';
import { QUICK } from '../support/hollow-node/pod-script.js';
import { seededRandom } from '../support/seeded-random.js';
import { census, isThrough } from './support/census.js';
import { Fleet } from './support/fleet.js';
import { last, LivesOf } from './support/lives.js';
import type { PlannedRun } from './support/planned-run.js';
import { longestGapMs } from './support/progress.js';
import { RunDriver } from './support/run-driver.js';
import { SCENARIOS } from './support/scenario.js';
import { aStage } from './support/stage.js';

const RUNS = Number(process.env['JANGAR_FAILOVER_RUNS'] ?? '40');
const DEADLINE_MS = 180_000;
/** Some runs end before the leader fails, most of them afterwards. */
const CALM_MS = 3000;
const TAKEOVER_MS = LEASE_TIMING.durationMs + 2000;

interface Failover {
  readonly name: string;
  readonly how: string;
  /** What happens to the leader; resolves once it is over. */
  readonly fail: (fleet: Fleet, leader: number) => Promise<void>;
  /** Runs end one after the other over that time, from before the failure until after the other has taken over. */
  readonly overMs: number;
  readonly goalMs: number;
}

const FAILOVERS: readonly Failover[] = [
  {
    name: 'kill',
    how: 'SIGKILLed',
    fail: (fleet, leader) => fleet.kill(choiceOf(fleet, leader), 1000),
    overMs: CALM_MS + TAKEOVER_MS + 5000,
    goalMs: TAKEOVER_MS,
  },
  {
    name: 'freeze',
    how: 'SIGSTOPped past its lease and continued',
    fail: (fleet, leader) => fleet.freeze(choiceOf(fleet, leader), TAKEOVER_MS + 3000),
    overMs: CALM_MS + TAKEOVER_MS + 8000,
    goalMs: TAKEOVER_MS,
  },
  {
    name: 'stop',
    how: 'stopped in order',
    fail: (fleet, leader) => fleet.restart(choiceOf(fleet, leader)),
    overMs: CALM_MS + 7000,
    goalMs: 2000,
  },
];

const lines: string[] = [];
const stage = aStage();

afterAll(() => {
  process.stdout.write(`\n${lines.join('\n')}\n\n`);
});

/** The draw that chooses this member. */
function choiceOf(fleet: Fleet, index: number): number {
  return (index + 0.5) / fleet.members.length;
}

/** Runs that succeed, one after the other, once they are released. */
function plan(namespace: string, released: Promise<unknown>, overMs: number): PlannedRun[] {
  const scenario = SCENARIOS.find(({ name }) => name === 'succeeds')!;
  return Array.from({ length: RUNS }, (_, index) => {
    const script = { ...QUICK, released, runMs: Math.round((overMs * (index + 1)) / RUNS) };
    const name = `run-${index}`;
    stage.scripts.play(`${namespace}/${name}`, () => script);
    return { name, scenario, scriptOf: () => script, createAfterMs: 0, actAfterMs: 0 };
  });
}

describe(`${RUNS} runs in flight`, () => {
  it.each(FAILOVERS)(
    'all end well, each with one workload, when their leader is $how',
    async (failover) => {
      const { name, how, fail, overMs, goalMs } = failover;
      const namespace = `failover-${name}`;
      const release = Promise.withResolvers<undefined>();
      const planned = plan(namespace, release.promise, overMs);
      const { cluster } = stage;
      await cluster.createNamespace(namespace);
      const driver = new RunDriver(cluster, namespace);
      await driver.prepare();
      const lives = new LivesOf(cluster.history, namespace);
      const fleet = await Fleet.start({ server: cluster.server, namespace, size: 2, random: seededRandom(1) });
      try {
        await fleet.recover();
        const leader = await fleet.leader();
        await Promise.all(planned.map((run) => driver.play(run)));
        await eventually(() => {
          const running = lives.runs().filter((life) => (last(life).object as AgentRun).status?.phase === 'Running');
          if (running.length < RUNS) throw new Error(`${running.length} of ${RUNS} are running`);
        }, DEADLINE_MS);
        const releasedMs = Date.now();
        release.resolve(undefined);
        await pause(CALM_MS);
        await fail(fleet, fleet.members.indexOf(leader));
        await eventually(() => {
          if (!isThrough(cluster.history, namespace, planned)) throw new Error('not all runs have ended');
        }, DEADLINE_MS);
        const gapMs = longestGapMs(lives, releasedMs);
        const goal = `goal ${goalMs / 1000} s${gapMs > goalMs ? ', MISSED' : ''}`;
        const gap = `longest gap without progress ${(gapMs / 1000).toFixed(1)} s (${goal})`;
        lines.push(`failover: ${RUNS} runs, leader ${how}: ${gap}`);
      } finally {
        await fleet.stop();
      }
      const { violations, jobs, pods } = census(cluster.history, namespace, planned);
      expect([...violations, ...fleet.members.flatMap((member) => member.violations)]).toEqual([]);
      expect({ jobs, pods }).toEqual({ jobs: RUNS, pods: RUNS });
    },
    2 * DEADLINE_MS,
  );
});
