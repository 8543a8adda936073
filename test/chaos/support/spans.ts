import { LABELS } from '../../../src/api/meta/labels.js';
import type { KubernetesObject } from '../../../src/api/meta/object.js';
import type { Job, Pod } from '../../../src/modules/runtime/job/job.types.js';
import { last, type Life, type LivesOf } from './lives.js';

/** From one of etcd's revisions to another, the last not included; what has not ended goes on for ever. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** With the times at which it was seen to begin and to end, as Date.now() has them. */
export interface TimedSpan extends Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** While a Job, or a pod, was there and not over. */
export function spanOf(life: Life): TimedSpan {
  const begin = life[0]!;
  const end = life.find((version) => version.type === 'delete' || isOver(version.object));
  const { modRevision: to = Infinity, atMs: toMs = Infinity } = end ?? {};
  return { from: begin.modRevision, to, fromMs: begin.atMs, toMs };
}

function isOver(object: KubernetesObject): boolean {
  const { phase, conditions = [] } = (object as Job & Pod).status ?? {};
  if (phase === 'Succeeded' || phase === 'Failed') return true;
  return conditions.some(({ type, status }) => status === 'True' && (type === 'Complete' || type === 'Failed'));
}

/** The most of them at one revision. */
export function mostAtOnce(spans: readonly Span[]): number {
  const steps = spans.flatMap(({ from, to }) => [
    { at: from, by: 1 },
    { at: to, by: -1 },
  ]);
  // What ends in a revision makes room for what begins in it.
  steps.sort((a, b) => a.at - b.at || a.by - b.by);
  let [now, most] = [0, 0];
  for (const { by } of steps) most = Math.max(most, (now += by));
  return most;
}

/** For each attempt of a run, while anything of its workload lived: its Job, or a pod that outlived it. */
export function attemptSpans(lives: LivesOf, uid: string): ReadonlyMap<string, Span> {
  const workloads = [...lives.ofRun('jobs', uid), ...lives.ofRun('pods', uid)];
  const byAttempt = Map.groupBy(workloads, (life) => last(life).object.metadata.labels?.[LABELS.attempt] ?? '');
  return new Map([...byAttempt].map(([attempt, own]) => [attempt, hull(own.map(spanOf))]));
}

function hull(spans: readonly Span[]): Span {
  return { from: Math.min(...spans.map(({ from }) => from)), to: Math.max(...spans.map(({ to }) => to)) };
}

/** Attempts of a run that lived at the same time, for people; none is right. */
export function overlaps(lives: LivesOf, run: Life): string[] {
  const { name, uid } = last(run).object.metadata;
  const spans = [...attemptSpans(lives, uid)].toSorted(([, a], [, b]) => a.from - b.from);
  return spans.slice(1).flatMap(([attempt, { from }], index) => {
    const [before, { to }] = spans[index]!;
    const until = to === Infinity ? 'for ever' : `until ${to}`;
    return from >= to ? [] : [`${name}: attempt ${attempt} began at revision ${from}, ${before} lived ${until}`];
  });
}
