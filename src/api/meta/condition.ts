import { boundText } from './text.js';

/** metav1.Condition. Times are RFC 3339 with whole seconds, as the API server writes them. */
export interface Condition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  /** CamelCase word for programs; never empty. */
  reason: string;
  /** Sentence for people; at most 1 KiB, without secret values and without numbers that change. */
  message: string;
  /** When `status` last changed; a new reason or message does not move it. */
  lastTransitionTime: string;
  /** The generation that was looked at when this was written. */
  observedGeneration?: number;
}

/** A condition as a plan wants it; the time is added by {@link mergeConditions}. */
export type DesiredCondition = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

/** `date` as metav1.Time is written: UTC, whole seconds. */
export function formatTime(date: Date): string {
  return date.toISOString().replace(/\.\d{3}Z$/, 'Z');
}

/** The condition of that type, or undefined. */
export function findCondition(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/**
 * The desired conditions with their times: exactly the desired set in the desired order, so a condition that no plan
 * asks for any more cannot stick. `lastTransitionTime` is kept unless `status` changes.
 */
export function mergeConditions(
  current: readonly Condition[] | undefined,
  desired: readonly DesiredCondition[],
  now: Date,
  generation: number,
): Condition[] {
  return desired.map(({ type, status, reason, message }) => {
    const previous = findCondition(current, type);
    const lastTransitionTime = previous?.status === status ? previous.lastTransitionTime : formatTime(now);
    return { type, status, reason, message: boundText(message), lastTransitionTime, observedGeneration: generation };
  });
}
