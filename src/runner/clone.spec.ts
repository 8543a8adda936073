import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { RunnerSandbox, type RunnerEnd } from '../../test/support/runner-sandbox.js';

const SECRET = 'k3y-'.repeat(11);

let sandbox: RunnerSandbox;
beforeAll(async () => {
  sandbox = await RunnerSandbox.create();
  await sandbox.file('credentials/password', SECRET);
});
afterAll(() => sandbox.remove());
beforeEach(() => sandbox.reset());

/** A checkout with a script in git's place. */
async function checkout(script: string): Promise<RunnerEnd> {
  const git = await sandbox.file('tools/git', `#!/bin/sh\n${script}\n`, 0o755);
  const env = {
    AGENT_RUN_GIT_PATH: join(sandbox.directory, 'credentials'),
    PATH: `${join(git, '..')}:${process.env['PATH'] ?? ''}`,
  };
  const spec = sandbox.spec({ git: { url: 'https://example.org/project.git' } });
  return sandbox.run(spec, ['checkout'], env);
}

describe("git's words in the message of a failed checkout", () => {
  it.each([
    ['the beginning of what is kept of them', 100, 4070],
    ['the end of what is reported of them', 580, 0],
  ])('hold no part of a secret that is cut at %s', async (_, before, after) => {
    const pad = (bytes: number): string => `head -c ${bytes} /dev/zero | tr "\\0" x`;
    const end = await checkout(`{ ${pad(before)}; printf ${SECRET}; ${pad(after)}; } >&2; exit 1`);
    expect(end.report.failure).toBe('CheckoutFailed');
    expect(end.report.message).toContain('xxx');
    expect(end.report.message).not.toMatch(/k3y|3y-|y-k/);
  });

  it('are the last of them when there are many: they say why it gave up', async () => {
    const banner = 'for i in $(seq 40); do echo "@@@@ the host key has changed @@@@"; done';
    const end = await checkout(`{ ${banner}; echo 'Host key verification failed.'; } >&2; exit 1`);
    expect(end.report.message).toMatch(/failed: @@@@[^]*@@@@\nHost key verification failed\.$/);
    expect(Buffer.byteLength(end.report.message ?? '')).toBeLessThan(800);
  });
});
