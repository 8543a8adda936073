import type { AgentRun } from '../../../src/api/v1alpha1/agent-run.types.js';
import { isGone, last, type Life } from './lives.js';
import type { PlannedRun } from './planned-run.js';
import type { Verdict } from './scenario.js';

/** What a run has come to by its newest version, or undefined while it has not come to anything. */
export function verdictOf(life: Life): Verdict | undefined {
  if (isGone(life)) return 'gone';
  const { phase, reason = '' } = (last(life).object as AgentRun).status ?? {};
  if (phase === 'Succeeded' || phase === 'Cancelled') return phase;
  return phase === 'Failed' ? `Failed ${reason}` : undefined;
}

/** The lives of one planned run, in the order in which they began: a remade run has two. */
export function livesOf(run: PlannedRun, runs: readonly Life[]): Life[] {
  const own = runs.filter((life) => last(life).object.metadata.name === run.name);
  return own.toSorted((a, b) => last(a).createRevision - last(b).createRevision);
}

/**
 * What each of a planned run's lives must have come to.
 *
 * @param hadPod whether any pod was ever made for it
 */
export function expectedOf({ scenario }: PlannedRun, hadPod: boolean): Verdict[] {
  if (scenario.act === 'remake') return ['gone', scenario.verdict];
  return [hadPod ? scenario.verdict : (scenario.withoutPod ?? scenario.verdict)];
}

/** How often a run of that name is made. */
export function livesPlanned({ scenario }: PlannedRun): number {
  return scenario.act === 'remake' ? 2 : 1;
}
