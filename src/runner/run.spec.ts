import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RunnerSandbox } from '../../test/support/runner-sandbox.js';
import { LOG_FILE_BYTES } from './log-file.js';
import { MAX_TERMINATION_BYTES } from './termination-message.js';

let sandbox: RunnerSandbox;
beforeAll(async () => {
  sandbox = await RunnerSandbox.create();
});
afterAll(() => sandbox.remove());
beforeEach(() => sandbox.reset());

const logFile = (): Promise<string> => readFile(join(sandbox.root, '.agent-run/agent.log'), 'utf8');

/** A script that writes the status file. */
const write = (json: string): string => `cat > "$AGENT_STATUS_PATH" <<'END'\n${json}\nEND\n`;

describe('agent-runner, as a process', () => {
  it('passes on exit code 0, both outputs, arguments and environment [AgentProvider spec.{binary,argsTemplate,envTemplate}]', async () => {
    const spec = sandbox.spec({
      command: {
        args: ['-c', 'echo "$1 $GREETING"; echo oops >&2; pwd', 'sh', 'a b; $(id)'],
        env: { GREETING: 'hello' },
      },
    });
    const end = await sandbox.run(spec);
    expect(end.code).toBe(0);
    expect(end.stdout).toBe(`a b; $(id) hello\n${sandbox.repository}\n`);
    expect(end.stderr).toBe('oops\n');
    expect(end.report).toEqual({ schemaVersion: spec.schemaVersion, exitCode: 0, artifacts: [] });
    expect(await logFile()).toContain('oops\n');
  });

  it("keeps the agent's own exit code", async () => {
    const end = await sandbox.run(sandbox.spec({ script: 'exit 3' }));
    expect(end.code).toBe(3);
    expect(end.report).toMatchObject({ exitCode: 3, message: 'the agent exited with 3' });
    expect(end.report.failure).toBeUndefined();
  });

  it('reports a signal as 128+n', async () => {
    const end = await sandbox.run(sandbox.spec({ script: 'kill -KILL $$' }));
    expect(end.code).toBe(137);
    expect(end.report).toMatchObject({ exitCode: 137, message: 'the agent was killed by SIGKILL' });
  });

  it('exits 127 when the binary is missing, and names it', async () => {
    const end = await sandbox.run(sandbox.spec({ command: { binary: 'no-such-agent' } }));
    expect(end.code).toBe(127);
    expect(end.report.failure).toBe('NotFound');
    expect(end.report.message).toContain('"no-such-agent"');
    expect(end.stderr).toContain('no-such-agent');
  });

  it('exits 126 when the binary is not executable', async () => {
    const binary = await sandbox.file('workspace/repository/agent', '#!/bin/sh\n', 0o644);
    const end = await sandbox.run(sandbox.spec({ command: { binary } }));
    expect(end.code).toBe(126);
    expect(end.report.failure).toBe('NotExecutable');
  });

  it('exits 126 when one argument is larger than the system takes, and says what to do', async () => {
    const end = await sandbox.run(sandbox.spec({ command: { args: ['-c', 'true', 'x'.repeat(200_000)] } }));
    expect(end.code).toBe(126);
    expect(end.report.message).toContain('inputFiles');
  });

  it('finds the binary on the PATH that the spec gives the agent', async () => {
    await sandbox.file('tools/my-agent', '#!/bin/sh\necho found\n', 0o755);
    const PATH = `${sandbox.directory}/tools:${process.env['PATH'] ?? ''}`;
    const end = await sandbox.run(sandbox.spec({ command: { binary: 'my-agent', args: [], env: { PATH } } }));
    expect(end.stdout).toBe('found\n');
  });

  it('exits 125 on a spec that is wrong, with every problem', async () => {
    const end = await sandbox.run({ ...sandbox.spec(), timeoutSeconds: -1, maskEnv: 'no list' as never });
    expect(end.code).toBe(125);
    expect(end.report.failure).toBe('InvalidSpec');
    expect(end.report.message).toContain('timeoutSeconds must be above 0; maskEnv must be a list');
  });

  it('exits 125 and prints the usage for a command it does not know', async () => {
    const child = spawn(sandbox.program, ['fly'], { stdio: ['ignore', 'ignore', 'pipe'] });
    const [[code], [text]] = (await Promise.all([once(child, 'close'), once(child.stderr, 'data')])) as [
      [number],
      [Buffer],
    ];
    expect(code).toBe(125);
    expect(text.toString()).toContain('agent-runner checkout');
  });

  it('tells its version', () => {
    expect(execFileSync(sandbox.program, ['--version'], { encoding: 'utf8' })).toMatch(
      /^agent-runner \d+\.\d+\.\d+(-dev)?\n$/,
    );
  });

  it('starts in git.path, and fails without starting when it is not in the repository [AgentRun spec.execution.coordinates.git.path]', async () => {
    await mkdir(join(sandbox.repository, 'apps/web'), { recursive: true });
    const git = { url: 'https://example.org/a.git', path: 'apps/web' };
    expect((await sandbox.run(sandbox.spec({ git, script: 'pwd' }))).stdout).toBe(`${sandbox.repository}/apps/web\n`);
    const end = await sandbox.run(sandbox.spec({ git: { ...git, path: 'apps/api' }, script: 'pwd' }));
    expect(end).toMatchObject({ code: 125, stdout: '', report: { failure: 'CheckoutFailed' } });
    expect(end.report.message).toContain('execution.coordinates.git.path "apps/api"');
  });
});

describe('output', () => {
  it('passes on a line of 1 MB unbroken', async () => {
    const end = await sandbox.run(sandbox.spec({ script: 'head -c 1000000 /dev/zero | tr "\\0" x; echo; echo end' }));
    expect(end.stdout).toBe(`${'x'.repeat(1_000_000)}\nend\n`);
  });

  it('keeps its memory flat and the log file bounded while the output goes on', async () => {
    const script = 'head -c 160000000 /dev/zero | tr "\\0" x; echo; grep VmHWM /proc/$PPID/status';
    const end = await sandbox.run(sandbox.spec({ script }));
    expect(end.code).toBe(0);
    expect(end.stdout.length).toBeGreaterThan(160_000_000);
    expect(Number(/VmHWM:\s+(\d+) kB/.exec(end.stdout)?.[1])).toBeLessThan(200_000);
    expect(end.stderr).toContain('agent.log ends here: it has reached 67108864 bytes');
    expect((await stat(join(sandbox.root, '.agent-run/agent.log'))).size).toBe(LOG_FILE_BYTES);
  }, 30_000);

  it('masks secrets from the environment and from mounted files, also when written in pieces', async () => {
    await sandbox.file('secrets/db/..2026/password', 'correct horse');
    await sandbox.file('secrets/db/password', 'correct horse\n');
    const script = 'printf "token s3cr3t-"; echo t0ken; echo "$TOKEN" >&2; echo correct horse; echo short; cat input';
    const end = await sandbox.run(
      sandbox.spec({
        script,
        command: { args: ['-c', script], env: { TOKEN: 's3cr3t-t0ken', TINY: 'short' } },
        inputFiles: [{ path: 'input', content: 'the file has s3cr3t-t0ken' }],
        maskEnv: ['TOKEN', 'TINY', 'ABSENT'],
        maskDirectories: [join(sandbox.directory, 'secrets')],
      }),
    );
    expect(end.stdout).toBe('token ***\n***\nshort\nthe file has ***');
    expect(end.stderr).toBe('***\n');
    expect(await logFile()).not.toContain('s3cr3t');
  });

  it('does not start the agent when the values to mask cannot be read', async () => {
    const end = await sandbox.run(sandbox.spec({ script: 'echo started', maskDirectories: ['/no/such/directory'] }));
    expect(end).toMatchObject({ code: 125, stdout: '', report: { failure: 'RunnerError' } });
  });
});

describe('failure rules', () => {
  const failureRules = [
    { class: 'RateLimited' as const, exitCodes: [1], outputPattern: 'HTTP 429' },
    { class: 'AuthFailed' as const, exitCodes: [9] },
  ];
  const status = write('{"failureClass":"QuotaExhausted"}');

  it.each([
    [
      'names the class by exit code and the end of either output [AgentProvider spec.failureRules.{class,exitCodes,outputPattern}]',
      'echo "HTTP 429" >&2; exit 1',
      'RateLimited',
    ],
    ['comes before what the agent says of itself', `${status} exit 9`, 'AuthFailed'],
    ['that does not match leaves it to the agent', `${status} exit 1`, 'QuotaExhausted'],
    ['sees 64 KiB of the output', 'echo "HTTP 429"; head -c 70000 /dev/zero; exit 1', undefined],
    ['says nothing about a success', 'echo "HTTP 429"', undefined],
  ])('%s', async (_, script, expected) => {
    const end = await sandbox.run(sandbox.spec({ script, failureRules }));
    expect(end.report.failureClass).toBe(expected);
  });
});

describe('status.json', () => {
  it('adds message, usage, outputs and a failure class to the report [AgentRun status.usage.{inputTokens,outputTokens,costMicroUsd} status.outputs]', async () => {
    const status = {
      message: 'limit reached',
      failureClass: 'RateLimited',
      usage: { inputTokens: 7 },
      outputs: { branch: 'fix/1' },
    };
    const end = await sandbox.run(sandbox.spec({ script: `${write(JSON.stringify(status))} exit 1` }));
    expect(end.report).toMatchObject({
      ...status,
      exitCode: 1,
      message: 'the agent exited with 1: limit reached',
    });
  });

  it('cannot turn a failure into a success, nor leak a secret', async () => {
    const script = `${write('{"message":"all good, hunter2hunter2","exitCode":0,"outputs":{"k":"hunter2hunter2"}}')} exit 1`;
    const command = { args: ['-c', script], env: { PASSWORD: 'hunter2hunter2' } };
    const end = await sandbox.run(sandbox.spec({ command, maskEnv: ['PASSWORD'] }));
    expect(end.report).toMatchObject({ exitCode: 1, outputs: { k: '***' } });
    expect(end.message).not.toContain('hunter2');
  });

  it.each([
    ['an output', 480, (text: string) => ({ outputs: { k: text } })],
    ['the message', 1000, (text: string) => ({ message: text })],
  ])('leaves nothing of a secret that the bound of %s cuts', async (_, before, status) => {
    const TOKEN = 'hunter2-'.repeat(5) + 'tail';
    const script = write(JSON.stringify(status('x'.repeat(before) + TOKEN)));
    const command = { args: ['-c', script], env: { TOKEN } };
    const end = await sandbox.run(sandbox.spec({ command, maskEnv: ['TOKEN'] }));
    expect(end.message).toContain('xxx***');
    expect(end.message).not.toContain('hunter');
  });

  it.each([
    ['garbage', write('{{{')],
    ['a list', write('[1,2]')],
    ['a pipe nobody writes to', 'mkfifo "$AGENT_STATUS_PATH"'],
    ['an endless device', 'ln -s /dev/zero "$AGENT_STATUS_PATH"'],
    ['a directory', 'mkdir "$AGENT_STATUS_PATH"'],
    ['70 KiB', 'printf \'{"message":"%070000d"}\' 1 > "$AGENT_STATUS_PATH"'],
  ])('is ignored when it is %s', async (_, script) => {
    const end = await sandbox.run(sandbox.spec({ script }));
    expect(end).toMatchObject({ code: 0, report: { exitCode: 0, artifacts: [] } });
    expect(end.report.message).toBeUndefined();
  });

  it('of an earlier start is not read', async () => {
    await mkdir(join(sandbox.root, '.agent-run'));
    await writeFile(join(sandbox.root, '.agent-run/status.json'), '{"message":"stale"}');
    expect((await sandbox.run(sandbox.spec())).report.message).toBeUndefined();
  });

  it('never makes the termination message longer than the kubelet reads', async () => {
    const outputs = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`out${index}`, '🦀'.repeat(600)]));
    const script = write(JSON.stringify({ message: '\u0001"🦀'.repeat(2000), outputs }));
    const outputArtifacts = Array.from({ length: 40 }, (_, index) => ({
      name: `artifact-${index}`,
      path: `${'long/'.repeat(20)}${index}`,
    }));
    const end = await sandbox.run(
      sandbox.spec({
        script: `${script} mkdir -p ${'long/'.repeat(20)}; cd ${'long/'.repeat(20)}; touch $(seq 0 39)`,
        outputArtifacts,
      }),
    );
    expect(end.code).toBe(0);
    expect(Buffer.byteLength(end.message)).toBeLessThanOrEqual(MAX_TERMINATION_BYTES);
    expect(end.report.truncated).toBe(true);
    expect(end.report.artifacts.length).toBeGreaterThan(5);
  });
});

describe('install', () => {
  it('copies the program and its Node, which then need neither the image nor its PATH', async () => {
    const target = join(sandbox.directory, 'injected');
    for (const round of [1, 2]) {
      const end = await sandbox.run(sandbox.spec(), ['install', target]);
      expect([round, end.code]).toEqual([round, 0]);
    }
    const version = execFileSync(join(target, 'agent-runner'), ['--version'], {
      env: { PATH: '/nowhere' },
      encoding: 'utf8',
    });
    expect(version).toMatch(/^agent-runner /);
  });
});
