import { keyOf } from '../../api/meta/key.js';
import type { KubernetesObject, ObjectMeta } from '../../api/meta/object.js';
import { delay, type Clock } from '../../domain/clock.js';
import { listAll } from './list-all.js';
import { versionOf } from './resource-version.js';
import type { Resource } from './resource.js';
import type { Transport } from './transport.js';

/** Names and versions without specs and statuses (https://kubernetes.io/docs/reference/using-api/api-concepts/#metadata-only-fetches). */
const METADATA_ONLY = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

const LOOK_AGAIN_MS = 1000;
/** Bookmarks come about once a minute, and each says how far the watch is. */
const LOOKS = 180;

/** One list+watch and the cache that it fills. */
export interface ComparedWatch {
  readonly resource: Resource<KubernetesObject>;
  /** Undefined: all namespaces. */
  readonly namespace: string | undefined;
  readonly labelSelector: string | undefined;
  /** What is cached of the namespace. */
  cached(): readonly KubernetesObject[];
  cachedOf(metadata: ObjectMeta): KubernetesObject | undefined;
  /** resourceVersion up to which the watch has told everything; undefined while it is to list. */
  toldUpTo(): string | undefined;
}

interface ComparisonTools {
  readonly transport: Pick<Transport, 'request'>;
  readonly clock: Clock;
}

/** An object that the cache did not have as the list had it. */
interface Suspect {
  /** Once the watch is past this version it has told of the change, or never will. */
  readonly version: bigint;
  /**
   * Whether the cache still lacks the change; undefined: it cannot be known any more.
   * @param told how far the watch is
   */
  readonly isMissing: (told: bigint) => boolean | undefined;
}

/**
 * Lists the versions of all objects and gives the keys of those whose latest change the watch has passed over without
 * telling: a server, proxy or client at fault, which no error reports. What is only on its way is waited for, for as long as
 * the watch takes to get past it; a watch that says nothing more is for others to find.
 *
 * resourceVersions are compared as numbers, which Kubernetes allows for objects of one kind
 * (https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions); of others nothing is said.
 *
 * @throws ApiError when the list fails
 */
export async function missedKeys(
  watch: ComparedWatch,
  { transport, clock }: ComparisonTools,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  let suspects = await differences(watch, transport, signal);
  for (let look = 0; look < LOOKS && suspects.length > 0 && !signal.aborted; look += 1) {
    const told = versionOf(watch.toldUpTo());
    if (told !== undefined) {
      suspects = suspects.filter(([, { isMissing }]) => isMissing(told));
      const missed = suspects.filter(([, { version }]) => version <= told);
      if (missed.length > 0) return new Set(missed.map(([key]) => key));
    }
    if (suspects.length > 0) await delay(clock, LOOK_AGAIN_MS, signal);
  }
  return new Set();
}

async function differences(
  watch: ComparedWatch,
  transport: ComparisonTools['transport'],
  signal: AbortSignal,
): Promise<[string, Suspect][]> {
  const { resource, namespace, labelSelector } = watch;
  const metadataOnly: typeof transport = {
    request: (request) => transport.request({ ...request, accept: METADATA_ONLY }),
  };
  const list = await listAll(metadataOnly, resource, namespace, { labelSelector }, signal, identified);
  const listVersion = versionOf(list.resourceVersion);
  if (listVersion === undefined) return [];
  const changed = list.items.flatMap(({ metadata }) => behind(watch, metadata, listVersion));
  const listed = new Set(list.items.map(({ metadata }) => keyOf(metadata)));
  const gone = watch.cached().flatMap(({ metadata }) => left(watch, metadata, listed, listVersion));
  return [...changed, ...gone];
}

/** Listed, and not cached in that version or a later one. */
function behind(watch: ComparedWatch, metadata: ObjectMeta, listVersion: bigint): [string, Suspect][] {
  const key = keyOf(metadata);
  const version = versionOf(metadata.resourceVersion);
  if (version === undefined) return [];
  const isMissing = (told: bigint): boolean | undefined => {
    const cached = watch.cachedOf(metadata);
    // The watch may have told of its end: only up to the list is it known to exist.
    if (cached === undefined) return told <= listVersion ? true : undefined;
    const has = versionOf(cached.metadata.resourceVersion);
    return has !== undefined && has < version;
  };
  return isMissing(0n) ? [[key, { version, isMissing }]] : [];
}

/** Cached from before the list, and not listed. */
function left(
  watch: ComparedWatch,
  metadata: ObjectMeta,
  listed: ReadonlySet<string>,
  listVersion: bigint,
): [string, Suspect][] {
  const key = keyOf(metadata);
  const version = versionOf(metadata.resourceVersion);
  if (listed.has(key) || version === undefined || version > listVersion) return [];
  const isMissing = (): boolean => watch.cachedOf(metadata)?.metadata.uid === metadata.uid;
  return [[key, { version: listVersion, isMissing }]];
}

/** What is kept of a listed object: all lists of a large cluster go through here. */
function identified({ apiVersion, kind, metadata }: KubernetesObject): KubernetesObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata;
  const where = namespace === undefined ? {} : { namespace };
  return { apiVersion, kind, metadata: { name, ...where, uid, resourceVersion, creationTimestamp } };
}
