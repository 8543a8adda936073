import type { AgentRun } from '../../../src/api/v1alpha1/agent-run.types.js';
import { last, type Life, LivesOf } from './lives.js';
import { mostAtOnce, spanOf, type TimedSpan } from './spans.js';
import type { HollowCluster } from '../../support/hollow-cluster/hollow-cluster.js';

/** One Job, while it took a slot. */
export interface Held extends TimedSpan {
  readonly namespace: string;
  /** Name of the run. */
  readonly run: string;
}

/** Sees from etcd alone who of the runs of some namespaces was served, and when. */
export class QueueWatch {
  readonly #lives: readonly LivesOf[];
  readonly #namespaces: readonly string[];
  /** By the run's uid; kept as versions come, since it is looked at all the time. */
  readonly #phases = new Map<string, string>();

  constructor({ history }: HollowCluster, namespaces: readonly string[]) {
    this.#namespaces = namespaces;
    this.#lives = namespaces.map((namespace) => new LivesOf(history, namespace));
    history.onVersion((resource, { object }) => {
      const { namespace = '', uid } = object.metadata;
      if (resource !== 'agentruns' || !namespaces.includes(namespace)) return;
      this.#phases.set(uid, (object as AgentRun).status?.phase ?? 'none');
    });
  }

  /** Every AgentRun. */
  runs(): Life[] {
    return this.#lives.flatMap((lives) => lives.runs());
  }

  /** How many runs have come to each phase. */
  phases(): Record<string, number> {
    const phases = Map.groupBy(this.#phases.values(), (phase) => phase);
    return Object.fromEntries([...phases].map(([phase, all]) => [phase, all.length]));
  }

  /** Every Job, in the order in which they were made. */
  held(): Held[] {
    const names = new Map(this.runs().map((life) => [last(life).object.metadata.uid, last(life).object.metadata.name]));
    const held = this.#lives.flatMap((lives, index) =>
      [...lives.byRun('jobs')].flatMap(([uid, jobs]) =>
        jobs.map((job) => ({ ...spanOf(job), namespace: this.#namespaces[index]!, run: names.get(uid!) ?? '' })),
      ),
    );
    return held.toSorted((a, b) => a.from - b.from);
  }

  /** The most Jobs at one revision that were not over, of all these namespaces or of one. */
  mostHeld(namespace?: string): number {
    return mostAtOnce(this.held().filter((held) => namespace === undefined || held.namespace === namespace));
  }

  /**
   * By how many places a run of the namespace was served out of turn, at most, once all of them were told that they wait: the
   * turn is that of age, then of uid. Slots that had been given by then are left out.
   */
  mostOutOfTurn(namespace: string, slots: number): number {
    const runs = this.runs().filter((life) => last(life).object.metadata.namespace === namespace);
    const told = runs.map((life) => life.find(({ object }) => (object as AgentRun).status?.reason === 'Queued'));
    const allWaitFrom = Math.max(...told.map((queued) => queued?.modRevision ?? 0));
    const served = this.held().filter((held) => held.namespace === namespace && held.from > allWaitFrom);
    const ages = new Map(
      runs.map((life) => {
        const { name, creationTimestamp, uid } = last(life).object.metadata;
        return [name, `${creationTimestamp} ${uid}`];
      }),
    );
    const actual = served.slice(slots).map(({ run }) => ages.get(run) ?? '');
    const due = new Map(actual.toSorted().map((age, place) => [age, place]));
    return Math.max(...actual.map((age, place) => Math.abs(place - due.get(age)!)));
  }

  /** The reason of each status that was written of a run before it was submitted; of the run that has the most. */
  longestWait(): string[] {
    const waits = this.runs().map((life) =>
      life
        .map(({ object }) => (object as AgentRun).status)
        .filter((status) => status !== undefined && status.submittedAt === undefined)
        .map((status) => status?.reason ?? 'none'),
    );
    return waits.reduce((longest, wait) => (wait.length > longest.length ? wait : longest), []);
  }
}
