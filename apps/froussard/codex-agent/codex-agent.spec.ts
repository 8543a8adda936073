import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from '../../../test/support/eventually.js';

const project = join(import.meta.dirname, '../../..');
const PROMPT = 'Do it.\n$(id) `id` {{ run.uid }}\n';
const RECORDED = join(import.meta.dirname, 'recorded');

let scratch: string;
let work: string;
let statusFile: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'codex-agent-'));
  await promisify(execFile)(process.execPath, [join(project, 'hack/bundle.ts'), 'codex-agent', join(scratch, 'bin')]);
}, 30_000);
afterAll(() => rm(scratch, { recursive: true }));

beforeEach(async () => {
  work = join(scratch, 'work');
  statusFile = join(scratch, 'status.json');
  await rm(work, { recursive: true, force: true });
  await rm(statusFile, { force: true });
  await mkdir(work);
  const git = (...args: string[]): Buffer => execFileSync('git', args, { cwd: work });
  git('init', '--quiet');
  const identity = ['-c', 'user.name=A', '-c', 'user.email=a@example.org'];
  git(...identity, 'commit', '--quiet', '--allow-empty', '--message=one');
  await writeFile(join(work, 'prompt.md'), PROMPT);
});

interface End {
  code: unknown;
  stdout: string;
  stderr: string;
  /** Standard output as it came. */
  output: Buffer;
}

/** Starts codex-agent with a shell script in place of the CLI, which finds its recorded output in $RECORDED. */
async function start(cli: string, args: readonly string[]): Promise<{ process: ChildProcess; end: Promise<End> }> {
  const codex = join(scratch, 'bin/codex');
  await writeFile(codex, `#!/bin/bash\n${cli}\n`);
  await chmod(codex, 0o755);
  const child = spawn(join(scratch, 'bin/codex-agent'), args, {
    cwd: work,
    // As agent-runner starts it.
    detached: true,
    env: {
      PATH: `${join(scratch, 'bin')}:${process.env['PATH'] ?? ''}`,
      AGENT_STATUS_PATH: statusFile,
      OPENAI_API_KEY: 'any',
      RECORDED,
      SCRATCH: scratch,
    },
  });
  const bytes = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  for (const name of ['stdout', 'stderr'] as const) child[name].on('data', (data: Buffer) => bytes[name].push(data));
  const end = once(child, 'close').then(([code]: unknown[]) => {
    const [output, stderr] = [Buffer.concat(bytes.stdout), Buffer.concat(bytes.stderr)];
    return { code, output, stdout: output.toString(), stderr: stderr.toString() };
  });
  return { process: child, end };
}

const run = async (cli: string, args = ['--prompt=prompt.md', '--patch=out/changes.patch']): Promise<End> =>
  (await start(cli, args)).end;
const status = async (): Promise<unknown> => JSON.parse(await readFile(statusFile, 'utf8'));

describe('codex-agent', () => {
  it('gives the CLI the prompt by standard input, and leaves usage, last message and changes behind', async () => {
    const cli = 'cat >$SCRATCH/received; printf "%s\\n" "$@" >$SCRATCH/args; echo 42 >answer; cat $RECORDED/work.jsonl';
    const { code, stdout } = await run(cli);
    expect(code).toBe(0);
    expect(await readFile(join(scratch, 'received'), 'utf8')).toBe(PROMPT);
    expect(await readFile(join(scratch, 'args'), 'utf8')).not.toContain('Do it.');
    expect(await status()).toEqual({
      message: 'Done: every command of the task was executed.',
      usage: { inputTokens: 240, outputTokens: 60 },
    });
    const patch = await readFile(join(work, 'out/changes.patch'), 'utf8');
    expect(patch).toContain('+42\n');
    const events = await readFile(join(RECORDED, 'work.jsonl'), 'utf8');
    expect(stdout).toBe(`${events}codex-agent: out/changes.patch\n${patch}codex-agent: end\n`);
  });

  it('fails as the CLI does, names the class, and keeps what was changed before', async () => {
    const { code } = await run('echo 42 >answer; cat $RECORDED/limited.jsonl; exit 1');
    expect(code).toBe(1);
    expect(await status()).toMatchObject({ failureClass: 'RateLimited' });
    expect(await readFile(join(work, 'out/changes.patch'), 'utf8')).toContain('+42\n');
  });

  it('passes SIGTERM on, and writes down what there is by then', async () => {
    const cli = 'echo 42 >answer; head -n 3 $RECORDED/work.jsonl; exec sleep 60';
    const { process, end } = await start(cli, ['--prompt=prompt.md', '--patch=changes.patch']);
    await once(process.stdout!, 'data');
    process.kill('SIGTERM');
    expect((await end).code).toBe(143);
    expect(await status()).toEqual({});
    expect(await readFile(join(work, 'changes.patch'), 'utf8')).toContain('+42\n');
  });

  it('writes the changes down whole when it is stopped meanwhile with all of its group', async () => {
    const filter =
      'git config filter.slow.clean "touch $SCRATCH/cleaning; until [ -e $SCRATCH/go ]; do sleep 0.02; done; cat"';
    const { process, end } = await start(`${filter}; echo "answer filter=slow" >.gitattributes; echo 42 >answer`, [
      '--prompt=prompt.md',
      '--patch=changes.patch',
    ]);
    await eventually(() => access(join(scratch, 'cleaning')));
    globalThis.process.kill(-process.pid!, 'SIGTERM');
    await writeFile(join(scratch, 'go'), '');
    expect(await end).toMatchObject({ code: 0, stderr: '' });
    expect(await readFile(join(work, 'changes.patch'), 'utf8')).toContain('+42\n');
  });

  it('shows the patch byte by byte, also where a text is not UTF-8', async () => {
    const { output } = await run(String.raw`printf 'caf\351\n' >latin1`);
    const patch = await readFile(join(work, 'out/changes.patch'));
    expect(patch.includes(0xe9)).toBe(true);
    expect(output.includes(patch)).toBe(true);
  });

  it('takes a CLI that reads nothing and prints no event', async () => {
    expect(await run('echo no event; exit 3')).toMatchObject({ code: 3, stderr: '' });
    expect(await status()).toEqual({});
  });

  it('shows a patch that is too large only by its name', async () => {
    const { stdout } = await run('seq 20000 >answer');
    expect(stdout).toBe('codex-agent: out/changes.patch is too large to be shown\n');
  });

  it('fails when the changes cannot be written down, with the usage in the status', async () => {
    const { code, stderr } = await run('rm -r .git; cat $RECORDED/work.jsonl');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^codex-agent: git read-tree: .*not a git repository/);
    expect(await status()).toEqual({
      message: stderr.trimEnd(),
      usage: { inputTokens: 240, outputTokens: 60 },
    });
  });

  it.each([
    [['--patch=p'], /--prompt FILE and --patch FILE are needed/],
    [['--prompt=absent.md', '--patch=p'], /absent\.md/],
  ])('says why it cannot begin: %j', async (args, message) => {
    const { code, stderr } = await run('true', args);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
    expect(await status()).toEqual({ message: stderr.trimEnd() });
  });
});
