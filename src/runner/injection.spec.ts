import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FAKE_TERMINATION, FRAGMENTS } from '../../test/support/hostile-text.js';
import { RunnerSandbox } from '../../test/support/runner-sandbox.js';
import { MAX_STRING_BYTES } from '../domain/size-limits.js';

const TEXT = FRAGMENTS.join(' ');

let sandbox: RunnerSandbox;

beforeAll(async () => {
  sandbox = await RunnerSandbox.create();
});
beforeEach(async () => sandbox.reset());
afterAll(async () => sandbox.remove());

/** Runs a script with arguments of its own. */
const command = (script: string, ...args: string[]) => ({ binary: 'sh', args: ['-c', script, 'sh', ...args] });

describe('text that means something to somebody', () => {
  it('reaches the agent byte by byte, as argument, variable and file, and comes out of it as it was', async () => {
    const script = 'printf %s "$1" > argument; printf %s "$TEXT" > variable; cp given file; cat file';
    const { code, stdout } = await sandbox.run(
      sandbox.spec({
        command: { ...command(script, TEXT), env: { TEXT } },
        inputFiles: [{ path: 'given', content: `${TEXT}\0` }],
      }),
    );
    expect(code).toBe(0);
    const read = (name: string): Promise<string> => readFile(join(sandbox.repository, name), 'utf8');
    expect(await read('argument')).toBe(TEXT);
    expect(await read('variable')).toBe(TEXT);
    expect(await read('file')).toBe(`${TEXT}\0`);
    expect(stdout).toBe(`${TEXT}\0`);
  });

  it('printed in the form of a termination message is output, and the verdict stays that of the exit code', async () => {
    const { code, stdout, report } = await sandbox.run(
      sandbox.spec({ command: command('printf %s "$1"; exit 7', FAKE_TERMINATION) }),
    );
    expect([code, report.exitCode]).toEqual([7, 7]);
    expect(stdout).toBe(FAKE_TERMINATION);
    expect(report.message).not.toBe('all is well');
  });
});

describe('a text that is as long as a process takes', () => {
  it.each<[string, (bytes: number) => { args: string[]; env?: Record<string, string> }]>([
    ['an argument', (bytes) => command('true', 'x'.repeat(bytes))],
    [
      'a variable with its name',
      (bytes) => ({ args: ['-c', 'true'], env: { TEXT: 'x'.repeat(bytes - 'TEXT='.length) } }),
    ],
  ])('is %s; one of a byte more is none, so that the control plane has to say so', async (_name, given) => {
    expect((await sandbox.run(sandbox.spec({ command: given(MAX_STRING_BYTES) }))).code).toBe(0);
    const { code, report } = await sandbox.run(sandbox.spec({ command: given(MAX_STRING_BYTES + 1) }));
    expect(code).toBe(126);
    expect(report).toMatchObject({
      failure: 'NotExecutable',
      message: expect.stringContaining('larger than the system takes'),
    });
  });
});
