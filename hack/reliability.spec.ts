import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Page, ROOT, tableRows } from '../test/support/markdown.js';
import { TestTitles } from '../test/support/test-titles.js';

/** The lessons that a fault, a stale cache, a second leader, an agent or a user of runs could teach again. */
const LESSONS = [
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 28, 31, 39, 40, 41, 42, 43,
];

const rows = tableRows(new Page('docs/reliability.md').section('Lessons and their tests')).map(
  ([lesson = '', defence = '', tests = '']) => ({ number: Number.parseInt(lesson), lesson, defence, tests }),
);

/** Of a cell: a file, a colon, a title; then the next after a line break. */
const named = rows.flatMap(({ number, tests }) =>
  tests.split('<br>').map((line) => {
    const [, path = '', title = ''] = /^`([^`]+)`: (.+)$/.exec(line.trim()) ?? [];
    return { number, line, path, title };
  }),
);

const files = new Map<string, TestTitles>();

function titlesOf(path: string): TestTitles {
  const titles = files.get(path) ?? TestTitles.ofFile(path);
  files.set(path, titles);
  return titles;
}

describe('docs/reliability.md', () => {
  it('has a row with a defence for each lesson', () => {
    expect(rows.map(({ number }) => number)).toEqual(LESSONS);
    expect(rows.filter(({ defence }) => defence === '')).toEqual([]);
  });

  it.each(named)('names a test that is there for lesson $number: $line', ({ path, title }) => {
    expect(path).toMatch(/^(?:src|test|hack)\/.+\.spec\.ts$/);
    expect(existsSync(join(ROOT, path)) && titlesOf(path).has(title)).toBe(true);
  });
});
