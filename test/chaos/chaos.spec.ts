import { report, reportLine } from './support/report.js';
import { runSeed, type SeedResult } from './support/seed-run.js';
import { aStage } from './support/stage.js';

const SEED_DEADLINE_MS = 180_000;

/** `JANGAR_CHAOS_SEED` names one; else the first `JANGAR_CHAOS_SEEDS`, 3 unless given. */
const { JANGAR_CHAOS_SEED: only, JANGAR_CHAOS_SEEDS: count = '3' } = process.env;
const seeds = only === undefined ? Array.from({ length: Number(count) }, (_, index) => index + 1) : [Number(only)];

const results: SeedResult[] = [];
const stage = aStage();

afterAll(() => {
  process.stdout.write(report(results));
});

describe('the control plane under faults', () => {
  it.each(seeds)(
    'brings every run of seed %i to its one right end',
    async (seed) => {
      const result = await runSeed(stage, seed);
      results.push(result);
      process.stdout.write(reportLine(result));
      const again = `to run it again: make chaos SEED=${seed}`;
      if (result.violations.length > 0) throw new Error([...result.violations, again].join('\n'));
    },
    SEED_DEADLINE_MS,
  );
});
