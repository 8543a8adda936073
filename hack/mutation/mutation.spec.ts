import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type FileResult, judge, type Mutation, parsePatch, report, UNCHANGED } from './mutation.js';

const ROOT = join(import.meta.dirname, '../..');
const TEST = 'src/a.spec.ts';
const mutation: Mutation = { name: 'm', breaks: 'the fence', tests: [TEST] };

function ran(tree: string, ...tests: (readonly [title: string, status: string])[]): FileResult {
  const failed = tests.some(([, status]) => status === 'failed');
  const assertionResults = tests.map(([fullName, status]) => ({ fullName, status }));
  return { name: `${tree}/${TEST}`, status: failed ? 'failed' : 'passed', message: '', assertionResults };
}

/** How a suite ends that cannot be loaded. */
const broken = (tree: string): FileResult => ({ ...ran(tree), status: 'failed', message: 'SyntaxError' });

const good = ran(UNCHANGED, ['fences', 'passed']);

describe('a patch', () => {
  it('is killed by the tests that fail with it, which are named with their file', () => {
    const [verdict] = judge([mutation], [good, ran('m', ['fences', 'failed'], ['renews', 'passed'])]);
    expect(verdict).toEqual({ mutation, killedBy: [`fences (${TEST})`], problem: undefined });
    expect(report([verdict!])).toEqual({
      lines: ['killed    m: the fence', `            by fences (${TEST})`, '1 patches, 1 killed, 0 not'],
      passed: true,
    });
  });

  it('that no test notices fails the whole', () => {
    const killed = { ...mutation, name: 'k' };
    const verdicts = judge([mutation, killed], [good, ran('m', ['fences', 'passed']), ran('k', ['fences', 'failed'])]);
    const { lines, passed } = report(verdicts);
    expect(passed).toBe(false);
    expect(lines).toContain('SURVIVED  m: the fence');
    expect(lines.at(-1)).toBe('2 patches, 1 killed, 1 not');
  });

  it.each([
    [
      'fails without it',
      [ran(UNCHANGED, ['fences', 'failed']), ran('m', ['fences', 'failed'])],
      'fails without the patch',
    ],
    ['has no tests without it', [ran(UNCHANGED), ran('m', ['fences', 'failed'])], 'has no tests or does not load'],
    ['was not run without it', [ran('m', ['fences', 'failed'])], 'has no tests or does not load'],
    ['does not load with it', [good, broken('m')], 'does not load with the patch: SyntaxError'],
    ['was not run with it', [good], 'does not load with the patch'],
  ])('is not killed by a file that %s', (_name, results, why) => {
    const verdicts = judge([mutation], results);
    expect(verdicts[0]?.problem).toContain(why);
    expect(report(verdicts).passed).toBe(false);
  });
});

it('no patch at all is no proof', () => {
  expect(report([]).passed).toBe(false);
});

describe('the patches of the project', () => {
  const names = globSync('*.patch', { cwd: import.meta.dirname }).map((file) => basename(file, '.patch'));

  it('are there', () => {
    expect(names.length).toBeGreaterThanOrEqual(12);
  });

  it.each(names)('%s says what it breaks and names tests that exist', (name) => {
    const { breaks, tests } = parsePatch(name, readFileSync(join(import.meta.dirname, `${name}.patch`), 'utf8'));
    expect(breaks).not.toBe('');
    expect(tests.filter((test) => !existsSync(join(ROOT, test)))).toEqual([]);
  });

  it('are refused without a header', () => {
    expect(() => parsePatch('m', 'diff --git a/x b/x\nTests: x')).toThrow(
      'm: the header of the patch has no "Breaks:"',
    );
  });
});
