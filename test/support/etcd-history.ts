import type { KubernetesObject } from '../../src/api/meta/object.js';
import { etcdRevision } from './api-server/etcd.js';
import { type EtcdEvent, EtcdWatch } from './etcd-history-watch.js';

/** One version of an object as etcd stored it. */
export interface StoredVersion {
  readonly type: 'put' | 'delete';
  /** With the version's resourceVersion, as the API server would show it; for a deletion, the last version before it. */
  readonly object: KubernetesObject;
  readonly modRevision: number;
  /** The revision in which the object was created: tells apart two of the same name. */
  readonly createRevision: number;
  /** When it was seen here, as Date.now() has it. */
  readonly atMs: number;
}

export type VersionHandler = (resource: string, version: StoredVersion) => void;

const REGISTRY = '/registry/';
/** Begins every value that is protobuf. */
const PROTOBUF = 'k8s\0';

/**
 * Everything that an API server ever stored, read from its etcd: neither its caches nor the code under test have a part
 * in it. Kinds of CRDs are always readable, others with `storageJson`.
 */
export class EtcdHistory {
  readonly #etcdUrl: string;
  readonly #versions = new Map<string, StoredVersion[]>();
  /** By etcd's key: what a deletion deletes. */
  readonly #current = new Map<string, StoredVersion>();
  readonly #unreadable = new Set<string>();
  readonly #handlers: VersionHandler[] = [];
  readonly #waiters = new Set<() => void>();
  #revision = 0;
  #failure: Error | undefined;
  #watch: EtcdWatch | undefined;
  #stopped = false;

  private constructor(etcdUrl: string) {
    this.#etcdUrl = etcdUrl;
  }

  /** Resolves once everything that was stored so far has been read. Whoever starts it stops it. */
  static async start(etcdUrl: string): Promise<EtcdHistory> {
    const history = new EtcdHistory(etcdUrl);
    history.#watch = await EtcdWatch.start(
      etcdUrl,
      (events) => history.#see(events),
      (error) => history.#fail(error),
    );
    await history.upTo().catch(async (error: unknown) => {
      await history.stop();
      throw error;
    });
    return history;
  }

  /**
   * Every version of every object of a resource, in etcd's order.
   *
   * @param resource plural, as in a URL; Services are `specs`
   * @throws Error when the history has a gap or the resource is stored as protobuf
   */
  versions(resource: string): readonly StoredVersion[] {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#unreadable.has(resource)) {
      throw new Error(`${resource} are stored as protobuf: start the API server with storageJson`);
    }
    return this.#versions.get(resource) ?? [];
  }

  /** How many objects were ever created, counted by uid. */
  created(resource: string, fits: (object: KubernetesObject) => boolean = () => true): number {
    const objects = this.versions(resource).map(({ object }) => object);
    return new Set(objects.filter(fits).map(({ metadata }) => metadata.uid)).size;
  }

  /** Calls `handler` with every version, those before this call included. */
  onVersion(handler: VersionHandler): void {
    const known = [...this.#versions].flatMap(([resource, all]) => all.map((version) => ({ resource, version })));
    known.sort((a, b) => a.version.modRevision - b.version.modRevision);
    for (const { resource, version } of known) handler(resource, version);
    this.#handlers.push(handler);
  }

  /** Resolves once everything has been seen that was written before this call. */
  async upTo(): Promise<void> {
    const revision = await etcdRevision(this.#etcdUrl);
    await new Promise<void>((resolve, reject) => {
      const look = (): void => {
        if (this.#failure === undefined && this.#revision < revision) return;
        this.#waiters.delete(look);
        if (this.#failure === undefined) resolve();
        else reject(this.#failure);
      };
      this.#waiters.add(look);
      look();
    });
  }

  /** Reads nothing more; what was read stays. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#watch?.stop();
  }

  #see(events: readonly EtcdEvent[]): void {
    for (const { type, kv } of events) {
      this.#revision = Number(kv.mod_revision);
      const key = decode(kv.key);
      const resource = resourceOf(key);
      if (resource !== undefined) this.#record(resource, key, type === 'DELETE' ? undefined : kv, this.#revision);
    }
    this.#wake();
  }

  #record(resource: string, key: string, put: EtcdEvent['kv'] | undefined, modRevision: number): void {
    if (put !== undefined && decode(put.value ?? '').startsWith(PROTOBUF)) {
      this.#unreadable.add(resource);
      return;
    }
    const version = put === undefined ? this.#deletion(key, modRevision) : stored(put, modRevision);
    // The ranges of service addresses are stored like objects, without a name.
    if (version?.object.metadata.name === undefined) return;
    if (version.type === 'put') this.#current.set(key, version);
    const versions = this.#versions.get(resource) ?? [];
    versions.push(version);
    this.#versions.set(resource, versions);
    for (const handler of this.#handlers) handler(resource, version);
  }

  #deletion(key: string, modRevision: number): StoredVersion | undefined {
    const before = this.#current.get(key);
    this.#current.delete(key);
    return before && { ...before, type: 'delete', modRevision, atMs: Date.now() };
  }

  #fail(error: Error): void {
    if (!this.#stopped) this.#failure ??= error;
    this.#wake();
  }

  #wake(): void {
    for (const look of this.#waiters) look();
  }
}

function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}

/** `/registry/pods/ns/name`, and `/registry/group.of.crd/resource/ns/name`: no resource of the former has a dot. */
function resourceOf(key: string): string | undefined {
  if (!key.startsWith(REGISTRY)) return undefined;
  const [first = '', second = ''] = key.slice(REGISTRY.length).split('/');
  return first.includes('.') || first === 'services' ? second : first;
}

function stored(kv: EtcdEvent['kv'], modRevision: number): StoredVersion {
  const object = JSON.parse(decode(kv.value ?? '')) as KubernetesObject;
  object.metadata = { ...object.metadata, resourceVersion: String(modRevision) };
  return { type: 'put', object, modRevision, createRevision: Number(kv.create_revision), atMs: Date.now() };
}
