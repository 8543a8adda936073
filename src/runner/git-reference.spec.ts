import { describe, expect, it } from '@jest/globals';
import { candidates, checkReference, fullCommit, selectReference } from './git-reference.js';

const sha = '0123456789abcdef0123456789abcdef01234567';
const listing = (...names: string[]): string => names.map((name) => `${sha}\t${name}\n`).join('');

describe('selectReference', () => {
  it.each([
    ['a branch', 'main', listing('refs/heads/main'), { kind: 'branch', name: 'main' }],
    ['a branch before a tag', 'v1', listing('refs/heads/v1', 'refs/tags/v1'), { kind: 'branch', name: 'v1' }],
    ['a tag', 'v1', listing('refs/tags/v1', 'refs/tags/v1^{}'), { kind: 'tag', name: 'v1' }],
    ['a full branch name', 'refs/heads/a/b', listing('refs/heads/a/b'), { kind: 'branch', name: 'a/b' }],
    ['any other ref', 'refs/pull/7/head', listing('refs/pull/7/head'), { kind: 'ref', name: 'refs/pull/7/head' }],
    ['a branch whose name only ends alike', 'main', listing('refs/remotes/x/refs/heads/main'), undefined],
    ['an abbreviated commit', '0123ABCD', '', { kind: 'commit', sha: '0123abcd' }],
    [
      'a branch that looks like a commit',
      'abcdef1',
      listing('refs/heads/abcdef1'),
      { kind: 'branch', name: 'abcdef1' },
    ],
    ['nothing', 'nope', '', undefined],
    ['the default branch', undefined, `ref: refs/heads/dev\tHEAD\n${sha}\tHEAD\n`, { kind: 'branch', name: 'dev' }],
    ['a detached HEAD', undefined, `${sha}\tHEAD\n`, { kind: 'commit', sha }],
    ['an empty repository', undefined, '', undefined],
    ['an empty repository that names its branch', undefined, 'ref: refs/heads/main\tHEAD\n', undefined],
  ])('finds %s', (_, ref, text, expected) => {
    expect(selectReference(ref, text)).toEqual(expected);
  });
});

describe('checkReference', () => {
  it.each(['main', 'feature/a-b_c.d', 'v1.0', 'refs/pull/1/head', sha])('admits %s', (ref) => {
    expect(() => checkReference(ref)).not.toThrow();
  });

  it.each(['--upload-pack=id', 'a b', 'a..b', 'a:b', 'a~1', 'a^', 'a\n', '@{-1}', 'a*', '/a', 'a/', 'a.lock'])(
    'refuses %j',
    (ref) => {
      expect(() => checkReference(ref)).toThrow('is not a branch, tag or commit name');
    },
  );
});

it('asks the remote for a name as branch and tag, for a full ref as it is, and for HEAD without one', () => {
  expect([candidates('main'), candidates('refs/x'), candidates(undefined)]).toEqual([
    ['refs/heads/main', 'refs/tags/main'],
    ['refs/x'],
    ['HEAD'],
  ]);
});

it('takes a full SHA as a commit without asking', () => {
  expect(fullCommit(sha.toUpperCase())).toEqual({ kind: 'commit', sha });
  expect(fullCommit('main')).toBeUndefined();
});
