import { formatTime } from '../../api/meta/condition.js';
import type { Observation } from '../runtime/observation.types.js';

/**
 * A workload's times are of its node's clock, and back-off, TTL and pauses are counted from them. One that is fast would
 * postpone a retry by as much, one that is slow have a result deleted that was just stored: no workload started or ended
 * before it was made, nor after now.
 */
export function withoutSkew<O extends Observation>(observation: O, now: Date): O {
  const createdAt = 'createdAt' in observation ? observation.createdAt : undefined;
  const within = (time: string): string => {
    if (createdAt !== undefined && Date.parse(time) < Date.parse(createdAt)) return createdAt;
    return Date.parse(time) > now.getTime() ? formatTime(now) : time;
  };
  const startedAt = 'startedAt' in observation ? observation.startedAt : undefined;
  const finishedAt = 'finishedAt' in observation ? observation.finishedAt : undefined;
  return {
    ...observation,
    ...(startedAt !== undefined && { startedAt: within(startedAt) }),
    ...(finishedAt !== undefined && { finishedAt: within(finishedAt) }),
  };
}
