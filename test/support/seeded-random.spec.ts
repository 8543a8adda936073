import { integer, pick, seededRandom } from './seeded-random.js';

const draws = (seed: number): number[] => {
  const random = seededRandom(seed);
  return Array.from({ length: 1000 }, () => random());
};

describe('seededRandom', () => {
  it('gives the same numbers for the same seed, and others for another', () => {
    expect(draws(1)).toEqual(draws(1));
    expect(draws(1)).not.toEqual(draws(2));
  });

  it.each([0, 1, 2, 3, 50])('stays in [0, 1) and covers it from the first number on: seed %d', (seed) => {
    const numbers = draws(seed);
    expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
    expect(new Set(numbers.slice(0, 50).map((number) => Math.floor(number * 4)))).toEqual(new Set([0, 1, 2, 3]));
  });
});

describe('integer and pick', () => {
  it('reach both ends and nothing beyond', () => {
    const random = seededRandom(7);
    const dice = Array.from({ length: 200 }, () => integer(random, 1, 6));
    expect(new Set(dice)).toEqual(new Set([1, 2, 3, 4, 5, 6]));
    expect(new Set(Array.from({ length: 50 }, () => pick(random, ['a', 'b'])))).toEqual(new Set(['a', 'b']));
  });

  it('say that there is nothing to pick from', () => {
    expect(() => pick(seededRandom(1), [])).toThrow('nothing to pick from');
  });
});
