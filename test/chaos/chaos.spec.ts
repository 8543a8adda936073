import { LABELS } from '../../src/api/meta/labels.js';
import { buildControlPlane } from '../support/control-plane.js';
import { HollowCluster } from '../support/hollow-cluster/hollow-cluster.js';
import { type PodScript, QUICK } from '../support/hollow-node/pod-script.js';
import { report, reportLine } from './support/report.js';
import { runSeed, type SeedResult } from './support/seed-run.js';

const SEED_DEADLINE_MS = 180_000;

/** `JANGAR_CHAOS_SEED` names one; else the first `JANGAR_CHAOS_SEEDS`, 3 unless given. */
const { JANGAR_CHAOS_SEED: only, JANGAR_CHAOS_SEEDS: count = '3' } = process.env;
const seeds = only === undefined ? Array.from({ length: Number(count) }, (_, index) => index + 1) : [Number(only)];

const scripts = new Map<string, PodScript>();
const results: SeedResult[] = [];
let cluster: HollowCluster;

beforeAll(async () => {
  await buildControlPlane();
  cluster = await HollowCluster.start(
    ({ metadata }) => scripts.get(`${metadata.namespace}/${metadata.labels?.[LABELS.agentRun]}`) ?? QUICK,
  );
}, 120_000);

afterAll(async () => {
  process.stdout.write(report(results));
  await cluster.stop();
});

describe('the control plane under faults', () => {
  it.each(seeds)(
    'brings every run of seed %i to its one right end',
    async (seed) => {
      const result = await runSeed(cluster, seed, scripts);
      results.push(result);
      process.stdout.write(reportLine(result));
      const again = `to run it again: make chaos SEED=${seed}`;
      if (result.violations.length > 0) throw new Error([...result.violations, again].join('\n'));
    },
    SEED_DEADLINE_MS,
  );
});
