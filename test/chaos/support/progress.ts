import type { LivesOf } from './lives.js';

/** The longest time, in milliseconds, in which no run came forward, from `fromMs` (as Date.now() has it) to the last step. */
export function longestGapMs(lives: LivesOf, fromMs: number): number {
  const steps = lives.runs().flatMap((life) => life.map(({ atMs }) => atMs));
  const since = [fromMs, ...steps.filter((atMs) => atMs > fromMs).toSorted((a, b) => a - b)];
  return Math.max(...since.slice(1).map((atMs, index) => atMs - since[index]!), 0);
}
