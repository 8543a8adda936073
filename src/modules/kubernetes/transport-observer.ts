/** Sees each finished request; metrics implement it. */
export interface TransportObserver {
  /**
   * @param verb as the API server's authoriser names it
   * @param code HTTP status, or 0 when there was no answer
   */
  requested(verb: string, code: number, durationMs: number): void;
}

export const TRANSPORT_OBSERVER = Symbol('TransportObserver');
