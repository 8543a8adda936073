import { setTimeout as pause } from 'node:timers/promises';

const EVERY_MS = 25;

/**
 * Repeats `check` until it passes and gives what it returned.
 *
 * @param check throws while the condition does not hold
 * @throws what `check` threw last, once `deadlineMs` are over
 */
export async function eventually<T>(check: () => T | Promise<T>, deadlineMs = 15_000): Promise<T> {
  const until = Date.now() + deadlineMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() >= until) throw error;
    }
    await pause(EVERY_MS);
  }
}
