import { LABELS } from '../../../src/api/meta/labels.js';
import type { EtcdHistory, StoredVersion } from '../../support/etcd-history.js';

/** Every version of one object that was ever stored, in order; a deletion is the last. */
export type Life = readonly StoredVersion[];

type ChildKind = 'jobs' | 'pods' | 'configmaps';

/** What etcd has seen of one namespace, object by object. */
export class LivesOf {
  readonly #history: Pick<EtcdHistory, 'versions'>;
  readonly #namespace: string;

  constructor(history: Pick<EtcdHistory, 'versions'>, namespace: string) {
    this.#history = history;
    this.#namespace = namespace;
  }

  /** Every AgentRun that ever was. */
  runs(): Life[] {
    return this.#lives('agentruns');
  }

  /** Every object of that kind that was ever made for a run. */
  ofRun(resource: ChildKind, uid: string): Life[] {
    return this.#lives(resource).filter((life) => ownerOf(life) === uid);
  }

  /** By the run's uid. */
  byRun(resource: ChildKind): ReadonlyMap<string | undefined, Life[]> {
    return Map.groupBy(this.#lives(resource), ownerOf);
  }

  #lives(resource: string): Life[] {
    const here = this.#history.versions(resource).filter(({ object }) => object.metadata.namespace === this.#namespace);
    return [...Map.groupBy(here, ({ object }) => object.metadata.uid).values()];
  }
}

/** Its newest version, or its deletion. */
export function last(life: Life): StoredVersion {
  return life.at(-1)!;
}

export function isGone(life: Life): boolean {
  return last(life).type === 'delete';
}

function ownerOf(life: Life): string | undefined {
  return last(life).object.metadata.labels?.[LABELS.agentRunUid];
}
