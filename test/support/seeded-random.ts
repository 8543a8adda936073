import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Random } from '../../src/domain/clock.js';

/** The generator's first numbers are nearly the same for small seeds. */
const WARM_UP = 16;

/** The same numbers for the same seed, an integer; whoever draws from it in a fixed order gets a run that can be repeated. */
export function seededRandom(seed: number): Random {
  const generator = xoroshiro128plus(seed);
  for (let drawn = 0; drawn < WARM_UP; drawn += 1) uniformFloat64(generator);
  return () => uniformFloat64(generator);
}

/** An integer from `min` to `max`, both included. */
export function integer(random: Random, min: number, max: number): number {
  return min + Math.floor(random() * (max - min + 1));
}

/** @throws Error when there is nothing to pick from */
export function pick<T>(random: Random, from: readonly T[]): T {
  if (from.length === 0) throw new Error('nothing to pick from');
  return from[integer(random, 0, from.length - 1)] as T;
}
