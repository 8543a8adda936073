import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { git, type GitResult } from './git.js';

const SECRET = 'k3y-'.repeat(11);
const { signal } = new AbortController();

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'git-'));
});
afterAll(() => rm(directory, { recursive: true }));

/** Runs a script in git's place. */
async function run(script: string, termination: AbortSignal = signal): Promise<GitResult> {
  await writeFile(join(directory, 'git'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const env = { PATH: `${directory}:${process.env['PATH'] ?? ''}` };
  return git(['status'], { directory, env, masks: [SECRET], termination });
}

describe('git', () => {
  it('passes on how the command ended', async () => {
    expect(await run('echo out; echo "oops é" >&2; exit 1')).toEqual({
      ok: false,
      stdout: 'out\n',
      stderr: 'oops é\n',
    });
  });

  it.each([4096, 4095, 4070, 4053, 4052, 4051])(
    'leaves no part of a secret that ends %i bytes before the end',
    async (after) => {
      const { stderr } = await run(`{ printf "fatal: ${SECRET}"; head -c ${after} /dev/zero | tr "\\0" x; } >&2`);
      expect(stderr).toMatch(/^[^k3y-]*$/);
      expect(stderr.length).toBeLessThanOrEqual(4096);
    },
  );

  it('is not started once the signal has come', async () => {
    const started = join(directory, 'started');
    await expect(run(`touch ${started}`, AbortSignal.abort('SIGTERM'))).rejects.toMatchObject({
      failure: 'Terminated',
      exitCode: 143,
    });
    expect(existsSync(started)).toBe(false);
  });
});
