import type { Random } from '../../../src/domain/clock.js';
import { QUICK } from '../../support/hollow-node/pod-script.js';
import { integer } from '../../support/seeded-random.js';
import { type Scenario, SCENARIOS } from './scenario.js';
import type { ScriptOf } from './scripts.js';

/** One run of a seed, and when what happens to it. Times are milliseconds. */
export interface PlannedRun {
  readonly name: string;
  readonly scenario: Scenario;
  readonly scriptOf: ScriptOf;
  /** After the beginning. */
  readonly createAfterMs: number;
  /** After its creation. */
  readonly actAfterMs: number;
}

/** Draws that many runs. */
export function planRuns(random: Random, count: number, overMs: number): PlannedRun[] {
  return Array.from({ length: count }, (_, index) => {
    const scenario = draw(random);
    const times = {
      scheduleMs: integer(random, 5, 300),
      checkoutMs: integer(random, 10, 500),
      runMs: integer(random, 50, 3000),
      stopMs: integer(random, 0, 1500),
    };
    const pods = scenario.pods ?? [{}];
    const scriptOf: ScriptOf = (attempt) => ({ ...QUICK, ...times, ...(pods[attempt - 1] ?? pods.at(-1)) });
    const createAfterMs = integer(random, 0, overMs / 2);
    return {
      name: `${scenario.name}-${index}`,
      scenario,
      scriptOf,
      createAfterMs,
      actAfterMs: integer(random, 0, overMs),
    };
  });
}

function draw(random: Random): Scenario {
  let left = random() * SCENARIOS.reduce((sum, { share }) => sum + share, 0);
  for (const scenario of SCENARIOS) {
    left -= scenario.share;
    if (left < 0) return scenario;
  }
  throw new Error('no scenario has a share');
}
