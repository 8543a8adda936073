/** Sees each finished request. */
export interface TransportObserver {
  /**
   * @param verb as the API server's authoriser names it
   * @param code HTTP status, or 0 when there was no answer
   * @param durationMs until the whole answer was there; for a watch until the server accepted it
   */
  requested(verb: string, code: number, durationMs: number): void;
}

/** What became of an event. */
export type EventResult = 'written' | 'failed' | 'dropped';

/** Sees what becomes of events: `dropped` never left the queue, `failed` was refused. */
export interface EventObserver {
  eventFinished(result: EventResult): void;
}

/** What this module tells of itself; metrics implement it. */
export interface KubernetesObserver extends TransportObserver, EventObserver {}

export const KUBERNETES_OBSERVER = Symbol('KubernetesObserver');
