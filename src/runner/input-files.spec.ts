import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { readdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { RunnerSandbox } from '../../test/support/runner-sandbox.js';

let sandbox: RunnerSandbox;
beforeAll(async () => {
  sandbox = await RunnerSandbox.create();
});
afterAll(() => sandbox.remove());
beforeEach(() => sandbox.reset());

describe('input files', () => {
  it('are written before the start, with their directories [AgentProvider spec.inputFiles.{path,content}]', async () => {
    const inputFiles = [
      { path: 'prompt.md', content: 'do it ✨' },
      { path: './a/b/c.txt', content: '' },
    ];
    const end = await sandbox.run(sandbox.spec({ inputFiles, script: 'cat prompt.md a/b/c.txt' }));
    expect(end.stdout).toBe('do it ✨');
  });

  it.each([
    ['a symlinked file', 'link', '../outside/file', 'link'],
    ['a symlinked directory', 'link', '../outside', 'link/file'],
    ['a symlink to nothing', 'link', '../outside/new', 'link'],
    ['a symlink that stays in the working directory', 'AGENTS.md', 'CLAUDE.md', 'AGENTS.md'],
    ["a symlink to git's configuration", 'task.md', '.git/config', 'task.md'],
    ["a symlink to git's hooks", 'docs', '.git', 'docs/hooks/pre-commit'],
  ])('are never written through %s', async (_, link, target, path) => {
    const files = ['outside/file', 'workspace/repository/CLAUDE.md', 'workspace/repository/.git/config'];
    const untouched = await Promise.all(files.map((file) => sandbox.file(file, 'untouched')));
    await symlink(target.replace('../outside', join(sandbox.directory, 'outside')), join(sandbox.repository, link));
    const end = await sandbox.run(sandbox.spec({ inputFiles: [{ path, content: 'gotcha' }], script: 'echo started' }));
    expect(end).toMatchObject({ code: 125, stdout: '', report: { failure: 'InvalidSpec' } });
    expect(end.report.message).toBe(`input file "${path}": "${link}" is a symbolic link`);
    expect(await Promise.all(untouched.map((file) => readFile(file, 'utf8')))).toEqual(files.map(() => 'untouched'));
    expect(existsSync(join(sandbox.directory, 'outside/new'))).toBe(false);
    expect(existsSync(join(sandbox.repository, '.git/hooks'))).toBe(false);
  });

  it.each(['.git/config', '.GIT/config', 'a/.git/hooks/pre-commit', './a/../.Git', '.git'])(
    'are never written to %s, which git would obey',
    async (path) => {
      const end = await sandbox.run(sandbox.spec({ inputFiles: [{ path, content: '' }], script: 'echo started' }));
      expect(end).toMatchObject({ code: 125, stdout: '', report: { failure: 'InvalidSpec' } });
      expect(end.report.message).toBe(`input file "${path}": leads into .git`);
      expect((await readdir(sandbox.repository, { recursive: true })).filter((name) => /\.git/i.test(name))).toEqual(
        [],
      );
    },
  );

  it.each(['../escape', '/etc/escape', 'a/../../escape'])('are refused at %s', async (path) => {
    const end = await sandbox.run(sandbox.spec({ inputFiles: [{ path, content: '' }] }));
    expect(end).toMatchObject({ code: 125, report: { failure: 'InvalidSpec' } });
    expect(end.report.message).toContain('inputFiles[0].path must');
  });
});
