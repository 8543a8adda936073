import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Checkout } from './changes.js';

const scratch = await mkdtemp(join(tmpdir(), 'changes-'));
const env = {
  ...process.env,
  GIT_CONFIG_GLOBAL: '/dev/null',
  ...Object.fromEntries(['AUTHOR', 'COMMITTER'].map((who) => [`GIT_${who}_NAME`, 'A'])),
  ...Object.fromEntries(['AUTHOR', 'COMMITTER'].map((who) => [`GIT_${who}_EMAIL`, 'a@example.org'])),
};

let count = 0;
let work: string;
let patch: string;

const git = (directory: string, ...args: string[]): string =>
  execFileSync('git', args, { cwd: directory, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
const put = async (path: string, content: string | Buffer): Promise<void> => {
  await mkdir(join(work, path, '..'), { recursive: true });
  await writeFile(join(work, path), content);
};

/** Every file below the root but those of git and codex-agent, as the tree that a commit of them would have. */
function treeOf(directory: string): string {
  git(directory, 'add', '--all', '--force', '--', ':/', ':(top,exclude).codex-agent', ':(top,exclude)ignored');
  return git(directory, 'write-tree');
}

/** What the patch makes of the commit that the agent began with. */
function applied(): string {
  const clone = join(scratch, `${count}-clone`);
  git(scratch, 'clone', '--quiet', '--branch', 'begin', work, clone);
  git(clone, 'apply', '--index', patch);
  return git(clone, 'write-tree');
}

beforeEach(async () => {
  count += 1;
  work = join(scratch, `${count}`);
  patch = join(work, '.codex-agent/changes.patch');
  await mkdir(work);
  git(work, 'init', '--quiet', '--initial-branch=main');
  await put('VERSION', 'one\n');
  await put('app/page', 'one\ntwo\nthree\n');
  await put('app/old', 'to be deleted\n');
  await put('.gitignore', 'ignored\n');
  git(work, 'add', '.');
  git(work, 'commit', '--quiet', '--message=one');
  git(work, 'branch', 'begin');
});
afterAll(() => rm(scratch, { recursive: true }));

const open = (directory = work): Promise<Checkout> =>
  Checkout.open(directory, ['.codex-agent/prompt.md', '.codex-agent/changes.patch']);

describe('the patch of what an agent changed', () => {
  it('applies to the commit that it began with, whatever became of the changes', async () => {
    const checkout = await open();
    await put('.codex-agent/prompt.md', 'not a change');
    await put('VERSION', 'committed\n');
    git(work, 'commit', '--quiet', '--all', '--message=two');
    await put('app/page', 'staged\n');
    git(work, 'add', 'app/page');
    await put('app/page', 'staged, then changed\n');
    await rm(join(work, 'app/old'));
    await put('new/binary', Buffer.from([0, 1, 2, 255, 10, 0]));
    await put('new/name with "quotes"\nand é', 'no end of line');
    await symlink('/etc/passwd', join(work, 'new/link'));
    await put('ignored', 'not a change either');
    await checkout.writePatch(patch);
    expect(applied()).toBe(treeOf(work));
    expect(await readFile(patch, 'utf8')).not.toMatch(/ignored|codex-agent/);
  });

  it('is an empty file when nothing changed', async () => {
    await (await open()).writePatch(patch);
    expect(await readFile(patch, 'utf8')).toBe('');
  });

  it('is of the whole repository when the agent worked in a part of it', async () => {
    const checkout = await Checkout.open(join(work, 'app'), ['prompt.md']);
    await put('app/prompt.md', 'not a change');
    await put('VERSION', 'two\n');
    await checkout.writePatch(patch);
    const text = await readFile(patch, 'utf8');
    expect([...text.matchAll(/^diff .*$/gm)].join()).toBe('diff --git a/VERSION b/VERSION');
  });

  it('holds what the agent committed on another branch, with the index left as it is', async () => {
    const checkout = await open();
    git(work, 'checkout', '--quiet', '-b', 'other');
    await put('VERSION', 'two\n');
    git(work, 'commit', '--quiet', '--all', '--message=two');
    await put('app/page', 'three\n');
    await checkout.writePatch(patch);
    expect(git(work, 'status', '--porcelain')).toBe('M app/page');
    expect(applied()).toBe(treeOf(work));
  });

  it('is the same, and runs no hook, whatever the repository’s configuration says', async () => {
    const checkout = await open();
    await put('VERSION', 'two\n');
    await checkout.writePatch(patch);
    const plain = await readFile(patch, 'utf8');
    const trap = join(scratch, `trap-${count}`);
    const hooks = join(work, '.git/hooks');
    await mkdir(hooks, { recursive: true });
    await writeFile(join(hooks, 'post-index-change'), `#!/bin/sh\ntouch ${trap}\n`, { mode: 0o755 });
    await put('.git/info/attributes', '* diff=evil\n');
    for (const setting of ['diff.external', 'diff.evil.command', 'diff.evil.textconv', 'core.fsmonitor']) {
      git(work, 'config', setting, `touch ${trap};:`);
    }
    for (const setting of ['diff.noprefix', 'diff.mnemonicPrefix', 'diff.relative']) {
      git(work, 'config', setting, 'true');
    }
    git(work, 'config', 'color.ui', 'always');
    await checkout.writePatch(patch);
    expect(await readFile(patch, 'utf8')).toBe(plain);
    await expect(readFile(trap)).rejects.toThrow('ENOENT');
  });

  it('is made without the key, which a filter of the agent could take', async () => {
    process.env['OPENAI_API_KEY'] = 'sk-of-the-endpoint';
    const checkout = await open();
    await put('.gitattributes', '*.env filter=agents\n');
    git(work, 'config', 'filter.agents.clean', 'cat; echo "key=${OPENAI_API_KEY-none}"');
    await put('taken.env', 'x\n');
    await checkout.writePatch(patch);
    delete process.env['OPENAI_API_KEY'];
    expect(await readFile(patch, 'utf8')).toContain('\n+x\n+key=none\n');
  });

  it.each(['', '.part'])('is not written through a link: changes.patch%s', async (end) => {
    const elsewhere = join(scratch, `elsewhere-${count}`);
    await writeFile(elsewhere, 'as it was');
    const checkout = await open();
    await mkdir(join(work, '.codex-agent'));
    await symlink(elsewhere, `${patch}${end}`);
    await put('VERSION', 'two\n');
    await checkout.writePatch(patch);
    expect(await readFile(elsewhere, 'utf8')).toBe('as it was');
    expect(await readFile(patch, 'utf8')).toContain('+two');
  });

  it('is of no repository that the checked-out files pretend to be', async () => {
    const bait = join(work, 'bait');
    git(work, 'init', '--quiet', '--bare', bait);
    git(bait, 'config', 'core.bare', 'false');
    git(bait, 'config', 'core.worktree', work);
    await expect(Checkout.open(bait, [])).rejects.toThrow('safe.bareRepository');
  });

  it('leaves out a repository within it that has no commit, and nothing else', async () => {
    const checkout = await open();
    await put('nested/file', 'x');
    git(join(work, 'nested'), 'init', '--quiet');
    await put('VERSION', 'two\n');
    await put('zz', 'two\n');
    await checkout.writePatch(patch);
    const text = await readFile(patch, 'utf8');
    expect([...text.matchAll(/^diff .*$/gm)].join()).toBe('diff --git a/VERSION b/VERSION,diff --git a/zz b/zz');
  });

  it('cannot be made of what is no repository any more, and says so', async () => {
    const checkout = await open();
    await rm(join(work, '.git'), { recursive: true });
    await expect(checkout.writePatch(patch)).rejects.toThrow(/^git read-tree: .*not a git repository/);
  });
});

describe('codex-agent’s own files', () => {
  it('are left out of what the agent commits, by the name they have and no other', async () => {
    await Checkout.open(work, ['own [x]*?.md']);
    await put('own [x]*?.md', 'own');
    await put('own xab.md', 'the agent’s');
    expect(git(work, 'status', '--porcelain')).toBe('?? "own xab.md"');
  });
});
