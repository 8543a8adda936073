import { createHash } from 'node:crypto';
import type { KubernetesObject } from '../../src/api/meta/object.js';
import { childName } from '../../src/api/meta/names.js';
import type { Stored } from './etcd.js';

/** A run and all that belongs to it, as the API server gave them. */
export interface Family {
  readonly run: KubernetesObject;
  readonly configMap: KubernetesObject;
  readonly job: KubernetesObject;
  readonly pod: KubernetesObject;
}

const DIRECTORIES: Readonly<Record<keyof Family, string>> = {
  run: 'agents.proompteng.ai/agentruns',
  configMap: 'configmaps',
  job: 'jobs',
  pod: 'pods',
};
/** Children first: a run that is seen before its Job would be looked at live. */
const ORDER: readonly (keyof Family)[] = ['configMap', 'job', 'pod', 'run'];

/**
 * Makes `count` families of one: the same content under names and uids of their own, wherever these occur (labels, owner
 * references, environment, rendered texts).
 *
 * @param name of the nth run; as long as the original's, so that all are of one size
 */
export function* clones(original: Family, count: number, name: (index: number) => string): Generator<Stored> {
  const identities = Array.from({ length: count }, (_, index) => identitiesOf(name(index), seedOf(name(index))));
  const from = identitiesOf(original.run.metadata.name, {
    run: original.run.metadata.uid,
    configMap: original.configMap.metadata.uid,
    job: original.job.metadata.uid,
    pod: original.pod.metadata.uid,
  });
  for (const kind of ORDER) {
    const parts = split(stored(original[kind]), from);
    for (const to of identities) {
      const value = parts.map((part, index) => (index % 2 === 0 ? part : to[from.indexOf(part)])).join('');
      const { namespace = '', name: own } = original[kind].metadata;
      const key = `/registry/${DIRECTORIES[kind]}/${namespace}/${to[from.indexOf(own)] ?? ''}`;
      yield { key, value };
    }
  }
}

type Uids = Readonly<Record<keyof Family, string>>;

/** Every text that tells one family from another, in a fixed order. */
function identitiesOf(run: string, uids: Uids): readonly string[] {
  const job = childName(run, uids.run, '1');
  return [run, childName(run, uids.run, 'spec'), job, podName(job), uids.run, uids.configMap, uids.job, uids.pod];
}

/** A pod of a Job gets a random suffix from its controller. */
export function podName(job: string): string {
  return `${job}-x7k2p`;
}

function seedOf(name: string): Uids {
  return { run: uid(`run ${name}`), configMap: uid(`map ${name}`), job: uid(`job ${name}`), pod: uid(`pod ${name}`) };
}

function uid(seed: string): string {
  const hex = createHash('sha256').update(seed).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}

/** The API server gives the resourceVersion from etcd's revision, and stores none. */
function stored({ metadata, ...object }: KubernetesObject): string {
  return JSON.stringify({ ...object, metadata: { ...metadata, resourceVersion: undefined } });
}

/** Text and identities by turns. */
function split(text: string, identities: readonly string[]): readonly string[] {
  const longestFirst = identities.toSorted((a, b) => b.length - a.length);
  return text.split(new RegExp(`(${longestFirst.join('|')})`));
}
