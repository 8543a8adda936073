import { describe, expect, it } from '@jest/globals';
import { patternSize } from './pattern-size.js';

describe('the size of a pattern', () => {
  it.each([
    ['', 0],
    ['abc', 3],
    ['a{100}', 100],
    ['ab{2,50}', 51],
    ['a{3,}', 3],
    ['a{0}b', 2],
    ['(?:ab){100}', 600],
    ['(a){10}{10}', 300],
    ['(?:(?:a{10}){10}){10}', 1440],
    ['[0-9a-f]{8}-[0-9a-f]{4}', 13],
    ['[]({100}]', 1],
    ['[^[:alpha:](]{3}', 3],
    ['\\({3}\\d{2}', 5],
    ['\\Q({9}\\E', 8],
    ['x{,5}', 5],
    ['\\x{41}{5}\\p{Greek}', 6],
    [')(', 2],
  ])('%s is about %d', (pattern, size) => {
    expect(patternSize(pattern)).toBe(size);
  });
});
