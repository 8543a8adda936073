import type { KubernetesObject } from '../../api/meta/object.js';
import type { Informer, InformerEvent } from '../kubernetes/informer.js';
import type { Outcome } from './outcome.js';
import type { PassLogger } from './pass-logger.js';

/** What one pass gets from the loop that runs it. */
export interface ReconcileContext {
  /** Aborts on the pass's timeout, when leadership is lost and at the end of the shutdown's grace: give it to every await. */
  readonly signal: AbortSignal;
  readonly logger: PassLogger;
  readonly now: () => Date;
}

/** Brings one object to what its spec says, one step a pass, from whatever state it finds. */
export interface Reconciler {
  /**
   * @param key `namespace/name`; the object may be gone
   * @throws anything: the outcome table decides what follows from it
   */
  reconcile(key: string, context: ReconcileContext): Promise<Outcome>;

  /** Other kinds whose events wake keys of this one; asked once, before the informers start. */
  watches?(): readonly Watch[];

  /**
   * Called once, when this process begins to lead, before any key is handed out. All caches are complete by then.
   * @param wake has a key looked at whose turn has come without an event of its own
   */
  onStart?(wake: (key: string) => void): void;
}

/** Events of another kind, as keys of this reconciler. */
export interface Watch {
  readonly informer: Informer<KubernetesObject>;
  /** The informers' indexes do the mapping; it must not throw. */
  mapToKeys(event: InformerEvent<KubernetesObject>): readonly string[];
}

/** A watch with the type of its objects kept inside the mapping. */
export function watch<T extends KubernetesObject>(
  informer: Informer<T>,
  mapToKeys: (event: InformerEvent<T>) => readonly string[],
): Watch {
  return { informer, mapToKeys };
}
