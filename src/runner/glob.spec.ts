import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findMatches, parseGlob, unescapePath } from './glob.js';

const FILES = [
  'a.xml',
  'out/b.xml',
  'out/c.txt',
  'out/unit/d.xml',
  'out/.e.xml',
  'out/.git/f.xml',
  'out/x[1].xml',
  'out/é.xml',
  'out[1]/g.xml',
  'app/(shop)/page (1).md',
];

let directory: string;
beforeAll(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), 'glob-')));
  for (const file of FILES) {
    await mkdir(dirname(join(directory, file)), { recursive: true });
    await writeFile(join(directory, file), '');
  }
  await symlink('/etc', join(directory, 'out/etc'));
  await symlink('..', join(directory, 'out/up'));
  await symlink('/etc', join(directory, 'elsewhere'));
});
afterAll(() => rm(directory, { recursive: true }));

const none = new AbortController().signal;

async function find(path: string, limit = none): Promise<string[] | 'no glob'> {
  const glob = parseGlob(path);
  return glob === undefined ? 'no glob' : findMatches(directory, glob, limit);
}

describe('a glob', () => {
  it.each<[string, string[] | 'no glob']>([
    ['out/*.xml', ['b.xml', 'x[1].xml', 'é.xml']],
    ['out/**/*.xml', ['b.xml', 'unit/d.xml', 'x[1].xml', 'é.xml']],
    ['**/?.xml', ['a.xml', 'out/b.xml', 'out/unit/d.xml', 'out/é.xml', 'out[1]/g.xml']],
    ['out/{b,c}.*', ['b.xml', 'c.txt']],
    ['out/[bc].xml', ['b.xml']],
    ['out/.*.xml', ['.e.xml']],
    ['**/.git/*', []],
    ['out/*', ['b.xml', 'c.txt', 'etc', 'up', 'x[1].xml', 'é.xml']],
    ['no/such/*', []],
    ['out\\[1\\]/*', ['g.xml']],
    ['app/(shop)/*.md', ['page (1).md']],
    ['app/**/page (1).*', ['(shop)/page (1).md']],
    ['out/(b|c).*', []],
    ['app/(shop)/page (1).md', 'no glob'],
    ['out/b.xml', 'no glob'],
    ['out/x\\[1\\].xml', 'no glob'],
    ['!a.xml', 'no glob'],
  ])('%s finds %j', async (path, expected) => {
    expect(await find(path)).toEqual(expected);
  });

  it.each(['elsewhere/*', '../*', 'out/../../*'])('cannot start outside the working directory: %s', async (path) => {
    await expect(find(path)).rejects.toThrow('leads out of the working directory');
  });

  it('cannot start in a .git', async () => {
    await expect(find('out/.git/*')).rejects.toThrow('leads into .git');
  });

  it('is given up when its time is over', async () => {
    await expect(find('**/*', AbortSignal.abort(new Error('too late')))).rejects.toThrow('too late');
  });

  it('is none when its wildcards are escaped, and names the file without the backslashes', () => {
    expect(unescapePath('out/x\\[1\\].xml')).toBe('out/x[1].xml');
    expect(unescapePath('out/a\\b')).toBe('out/a\\b');
  });
});
