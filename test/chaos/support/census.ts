import type { AgentRun } from '../../../src/api/v1alpha1/agent-run.types.js';
import type { Pod } from '../../../src/modules/runtime/job/job.types.js';
import type { EtcdHistory } from '../../support/etcd-history.js';
import { checkStatusInvariants } from '../../support/status-invariants.js';
import { isGone, last, type Life, LivesOf } from './lives.js';
import type { PlannedRun } from './planned-run.js';
import { overlaps, spanOf } from './spans.js';
import { expectedOf, livesOf, livesPlanned, verdictOf } from './verdicts.js';

/** What came of the runs of one namespace, counted from what etcd ever stored. */
export interface Census {
  readonly verdicts: readonly string[];
  readonly jobs: number;
  readonly pods: number;
  /** Versions of AgentRuns that the status invariants were checked on. */
  readonly versions: number;
  readonly violations: readonly string[];
  /** Jobs that the Job controller made a second pod for, with what became of them. */
  readonly remade: readonly string[];
}

/** Counts and checks everything; to be called once the runs are through. */
export function census(history: EtcdHistory, namespace: string, planned: readonly PlannedRun[]): Census {
  const lives = new LivesOf(history, namespace);
  const runs = lives.runs();
  const [jobs, pods, configMaps] = (['jobs', 'pods', 'configmaps'] as const).map((kind) => lives.byRun(kind));
  const made = { jobs: jobs!, pods: pods! };
  const gone = new Set(runs.filter(isGone).map((life) => last(life).object.metadata.uid));
  const orphans = [jobs!, pods!, configMaps!].flatMap((byRun) => orphansOf(byRun, gone));
  const violations = [
    ...planned.flatMap((run) => wrongVerdicts(run, livesOf(run, runs), pods!)),
    ...planned.flatMap((run) => wrongCounts(run, livesOf(run, runs), made)),
    ...runs.flatMap((life) => brokenInvariants(life)),
    ...runs.flatMap((life) => overlaps(lives, life)),
    ...runs.flatMap((life) => aliveAfterTheEnd(life, pods!.get(last(life).object.metadata.uid) ?? [])),
    ...orphans,
  ];
  return {
    verdicts: runs.map((life) => verdictOf(life) ?? 'none'),
    jobs: [...jobs!.values()].flat().length,
    pods: [...pods!.values()].flat().length,
    versions: runs.flat().length,
    violations,
    remade: planned.flatMap((run) => remadePods(run, livesOf(run, runs), made)),
  };
}

/** Whether every planned run has come to an end, and of deleted ones nothing is left. */
export function isThrough(history: EtcdHistory, namespace: string, planned: readonly PlannedRun[]): boolean {
  const lives = new LivesOf(history, namespace);
  const runs = lives.runs();
  const gone = new Set(runs.filter(isGone).map((life) => last(life).object.metadata.uid));
  const ended = planned.every((run) => {
    const own = livesOf(run, runs);
    return own.length === livesPlanned(run) && own.every((life) => verdictOf(life) !== undefined);
  });
  if (!ended) return false;
  return (['jobs', 'pods', 'configmaps'] as const).every((kind) => orphansOf(lives.byRun(kind), gone).length === 0);
}

type ByRun = ReadonlyMap<string | undefined, readonly Life[]>;

function wrongVerdicts(run: PlannedRun, lives: readonly Life[], pods: ByRun): string[] {
  const hadPod = lives.some((life) => pods.has(last(life).object.metadata.uid));
  const expected = expectedOf(run, hadPod);
  const found = lives.map((life) => verdictOf(life) ?? `not finished: ${phaseOf(life)}`);
  return expected.join() === found.join()
    ? []
    : [`${run.name}: expected ${expected.join(', ')}, came to ${found.join(', ')}`];
}

function phaseOf(life: Life): string {
  const { status } = last(life).object as AgentRun;
  return `${status?.phase ?? 'no status'} ${status?.reason ?? ''}: ${status?.message ?? ''}`;
}

interface Made {
  readonly jobs: ByRun;
  readonly pods: ByRun;
}

/** One Job for one attempt, however often somebody tried. */
function wrongCounts(run: PlannedRun, lives: readonly Life[], made: Made): string[] {
  return lives.flatMap((life) => {
    const { uid } = last(life).object.metadata;
    const jobs = made.jobs.get(uid)?.length ?? 0;
    const pods = made.pods.get(uid)?.length ?? 0;
    // A run that was deleted on its way may not have come so far.
    const least = isGone(life) ? { jobs: 0, pods: 0 } : { jobs: run.scenario.jobs.min, pods: run.scenario.leastPods };
    // More pods than Jobs are the Job controller's: they are listed apart.
    if (jobs >= least.jobs && jobs <= run.scenario.jobs.max && pods >= least.pods) return [];
    return [`${run.name}: ${jobs} Jobs and ${pods} pods were made for it; ${tell(made, uid)}`];
  });
}

/** More pods than Jobs: each Job asks for one. */
function isRemade(uid: string, { jobs, pods }: Made): boolean {
  return (pods.get(uid)?.length ?? 0) > (jobs.get(uid)?.length ?? 0);
}

function remadePods(run: PlannedRun, lives: readonly Life[], made: Made): string[] {
  const uids = lives.map((life) => last(life).object.metadata.uid);
  return uids.filter((uid) => isRemade(uid, made)).map((uid) => `${run.name}: ${tell(made, uid)}`);
}

/** What became of a run's workloads, by etcd's revisions. */
function tell({ jobs, pods }: Made, uid: string): string {
  const lives = [...(jobs.get(uid) ?? []), ...(pods.get(uid) ?? [])];
  return lives.map(lifeStory).join('; ');
}

function lifeStory(life: Life): string {
  const { kind, metadata } = last(life).object;
  const steps = life.map(({ type, object, modRevision, atMs }) => {
    const deleting = object.metadata.deletionTimestamp === undefined ? '' : ' deleting';
    const phase = (object as Pod).status?.phase ?? '';
    return `${modRevision} at ${new Date(atMs).toISOString().slice(14, 23)} ${type === 'delete' ? 'gone' : phase}${deleting}`;
  });
  return `${kind} ${metadata.name}: ${steps.join(', ')}`;
}

function brokenInvariants(life: Life): string[] {
  return life.flatMap(({ type, object }, index) => {
    if (type === 'delete') return [];
    const previous = life[index - 1]?.object;
    try {
      checkStatusInvariants(object, previous && { previous });
      return [];
    } catch (error) {
      return [error instanceof Error ? error.message : String(error)];
    }
  });
}

/** No agent may work for a run that says it is finished: somebody pays for it. */
function aliveAfterTheEnd(run: Life, pods: readonly Life[]): string[] {
  const end = run.find(({ object }) => (object as AgentRun).status?.finishedAt !== undefined);
  if (end === undefined) return [];
  return pods
    .filter((pod) => spanOf(pod).to > end.modRevision)
    .map((pod) => {
      const { name } = last(pod).object.metadata;
      return `${end.object.metadata.name}: finished at revision ${end.modRevision} while pod ${name} was alive`;
    });
}

function orphansOf(byRun: ByRun, gone: ReadonlySet<string>): string[] {
  return [...byRun.entries()].flatMap(([uid, lives]) =>
    uid === undefined || !gone.has(uid)
      ? []
      : lives
          .filter((life) => !isGone(life))
          .map((life) => {
            const { kind, metadata } = last(life).object;
            return `${kind} ${metadata.name} is an orphan`;
          }),
  );
}
