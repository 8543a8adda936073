import type { Random } from '../../../src/domain/clock.js';
import { type PodEnding, QUICK } from '../../support/hollow-node/pod-script.js';
import { integer, pick } from '../../support/seeded-random.js';
import type { PlannedRun } from './planned-run.js';
import type { Scenario } from './scenario.js';

type Story = Pick<Scenario, 'spec' | 'verdict'> & { readonly endings: readonly [PodEnding, PodEnding, PodEnding] };

const RETRY = { limit: 2, backoffSeconds: 1 };

/** Runs that are retried twice, each with the verdict that it must have whatever happens to the control plane. */
const STORIES: readonly Story[] = [
  { endings: ['evicted', 'evicted', 'succeeds'], verdict: 'Succeeded' },
  { endings: ['checkoutFails', 'evicted', 'succeeds'], verdict: 'Succeeded' },
  { endings: ['evicted', 'checkoutFails', 'evicted'], verdict: 'Failed Evicted' },
  { endings: ['checkoutFails', 'evicted', 'fails'], verdict: 'Failed AgentError' },
  { endings: ['evicted', 'evicted', 'outOfMemory'], verdict: 'Failed OutOfMemory' },
  {
    endings: ['fails', 'evicted', 'succeeds'],
    spec: { retry: { ...RETRY, on: ['AgentError'] } },
    verdict: 'Succeeded',
  },
];

/** When the control plane is killed: at a write of its own about the run, before or after it was stored, or some time after the run was made. */
export type Moment =
  | { readonly at: 'write'; readonly after: number; readonly kind: 'halfOpen' | 'lostResponse' }
  | { readonly at: 'time'; readonly ms: number };

/** What one seed is about. */
export interface RetryStory {
  readonly run: PlannedRun;
  readonly moment: Moment;
  /** How long there is no control plane. */
  readonly backAfterMs: number;
}

/** Fewer than what three attempts take, events included. */
const MOST_WRITES = 14;
/** Less than two back-offs and three pods take. */
const MOST_MS = 6000;

/** Draws a run of two retries and the moment at which its control plane is killed. */
export function drawStory(random: Random): RetryStory {
  const { endings, verdict, spec } = pick(random, STORIES);
  const times = { checkoutMs: integer(random, 10, 300), runMs: integer(random, 50, 800) };
  const scenario: Scenario = {
    name: 'retried-twice',
    share: 0,
    spec: { retry: RETRY, ...spec },
    verdict,
    jobs: { min: 3, max: 3 },
    leastPods: 3,
  };
  const scriptOf: PlannedRun['scriptOf'] = (attempt) => ({ ...QUICK, ...times, ending: endings[attempt - 1]! });
  const run: PlannedRun = { name: 'retried-twice', scenario, scriptOf, createAfterMs: 0, actAfterMs: 0 };
  const moment: Moment =
    random() < 0.7
      ? { at: 'write', after: integer(random, 0, MOST_WRITES - 1), kind: pick(random, ['halfOpen', 'lostResponse']) }
      : { at: 'time', ms: integer(random, 0, MOST_MS) };
  return { run, moment, backAfterMs: integer(random, 0, 1000) };
}

/** For people. */
export function tellMoment(moment: Moment): string {
  if (moment.at === 'time') return `${moment.ms} ms after the run was made`;
  return `${moment.kind === 'halfOpen' ? 'before' : 'after'} write ${moment.after + 1} about the run`;
}
