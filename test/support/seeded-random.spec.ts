import { seededRandom } from './seeded-random.js';

describe('seededRandom', () => {
  it('draws the same numbers again for the same seed', () => {
    const [one, other] = [seededRandom(7), seededRandom(7)];
    expect([one(), one(), one()]).toEqual([other(), other(), other()]);
  });

  it('begins differently for each of the small seeds that people use', () => {
    const first = Array.from({ length: 50 }, (_, index) => Math.floor(seededRandom(index + 1)() * 10));
    expect(new Set(first).size).toBe(10);
  });
});
