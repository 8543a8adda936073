/**
 * What a pass asks of the queue; failures are thrown. There is no "requeue now": a pass that wants another one at once
 * would spin. Waiting for an object or a slot is `done`: its event wakes the key.
 */
export type Outcome =
  /** Nothing to do until something changes. */
  | { kind: 'done' }
  /** Look again after that many milliseconds, whatever happens until then. */
  | { kind: 'requeueAfter'; ms: number }
  /** The same for what was refused and may be granted by then: no event will say so. */
  | { kind: 'retryAfter'; ms: number }
  /** The input can never work (the API server rejects what it asks for): wait for a change, counted apart. */
  | { kind: 'terminal' };

export function done(): Outcome {
  return { kind: 'done' };
}

/** @param ms milliseconds from now, more than 0 */
export function requeueAfter(ms: number): Outcome {
  return { kind: 'requeueAfter', ms };
}

/** @param ms milliseconds from now, more than 0 */
export function retryAfter(ms: number): Outcome {
  return { kind: 'retryAfter', ms };
}

/** The status already says why; nothing but a change of the object can help. */
export function terminal(): Outcome {
  return { kind: 'terminal' };
}
