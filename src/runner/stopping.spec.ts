import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { RunnerSandbox, type RunnerEnd } from '../../test/support/runner-sandbox.js';
import type { RunnerSpec } from '../domain/runner-spec.js';

let sandbox: RunnerSandbox;
beforeAll(async () => {
  sandbox = await RunnerSandbox.create();
});
afterAll(() => sandbox.remove());
beforeEach(() => sandbox.reset());

/** A zombie has ended: it only waits for whoever is process 1. */
function isAlive(pid: string): boolean {
  const path = `/proc/${pid}/stat`;
  return existsSync(path) && !/\) [ZX] /.test(readFileSync(path, 'utf8'));
}

/** Sends the signal while the runner waits for its spec, which is a pipe, and only then writes it. */
async function stoppedAtItsSpec(
  spec: RunnerSpec,
  args: readonly string[],
  signal: NodeJS.Signals,
  env: NodeJS.ProcessEnv = {},
): Promise<RunnerEnd> {
  const path = join(sandbox.directory, 'spec-pipe');
  await rm(path, { force: true });
  execFileSync('mkfifo', [path]);
  const runner = await sandbox.start(spec, args, { ...env, AGENT_RUNNER_SPEC_PATH: path });
  const pipe = await open(path, 'w');
  runner.process.kill(signal);
  await pipe.writeFile(JSON.stringify(spec));
  await pipe.close();
  return runner.end();
}

describe('stopping', () => {
  it('forwards SIGTERM to the agent and its children, and never calls that a success', async () => {
    const script =
      'trap "wait; exit 0" TERM; sh -c \'trap "echo child stopped; exit 0" TERM; echo ready; while :; do read x <&9; done\' 9<>fifo & wait';
    execFileSync('sh', ['-c', 'mkfifo fifo'], { cwd: sandbox.repository });
    const runner = await sandbox.start(sandbox.spec({ script }));
    await runner.printed('ready');
    runner.process.kill('SIGTERM');
    const end = await runner.end();
    expect(end.stdout).toContain('child stopped');
    expect(end.code).toBe(143);
    expect(end.report).toMatchObject({
      failure: 'Terminated',
      exitCode: 143,
      message: 'the agent was stopped by SIGTERM',
    });
  });

  it('keeps another exit code that the agent ends with on SIGTERM', async () => {
    const runner = await sandbox.start(
      sandbox.spec({ script: 'trap "exit 9" TERM; echo ready; while :; do sleep 0.01; done' }),
    );
    await runner.printed('ready');
    runner.process.kill('SIGTERM');
    expect(await runner.end()).toMatchObject({ code: 9, report: { failure: 'Terminated', exitCode: 9 } });
  });

  it.each([
    ['SIGINT', 130],
    ['SIGQUIT', 131],
    ['SIGHUP', 129],
  ] as const)('forwards %s as such: it may be the STOPSIGNAL of the image', async (signal, code) => {
    const runner = await sandbox.start(sandbox.spec({ script: 'ulimit -c 0; echo ready; exec sleep 60' }));
    await runner.printed('ready');
    runner.process.kill(signal);
    const report = { failure: 'Terminated', exitCode: code, message: `the agent was stopped by ${signal}` };
    expect(await runner.end()).toMatchObject({ code, report });
  });

  it.each(['SIGTERM', 'SIGQUIT', 'SIGHUP'] as const)('starts no agent once %s has come', async (signal) => {
    const end = await stoppedAtItsSpec(sandbox.spec({ script: 'echo started' }), [], signal);
    expect(end).toMatchObject({ stdout: '', report: { failure: 'Terminated' } });
    expect(end.report.message).toBe(`stopped by ${signal} before the agent was started`);
  });

  it('starts no git once SIGTERM has come', async () => {
    const git = await sandbox.file('tools/git', `#!/bin/sh\ntouch ${sandbox.directory}/started\n`, 0o755);
    const spec = sandbox.spec({ git: { url: 'https://example.org/project.git' } });
    const PATH = `${join(git, '..')}:${process.env['PATH'] ?? ''}`;
    const end = await stoppedAtItsSpec(spec, ['checkout'], 'SIGTERM', { PATH });
    expect(end).toMatchObject({ code: 143, report: { failure: 'Terminated', exitCode: 143 } });
    expect(end.report.message).toBe('the checkout was stopped by SIGTERM');
    expect(existsSync(join(sandbox.directory, 'started'))).toBe(false);
  });

  it('kills the whole group when the grace period is over [Agent spec.pod.terminationGracePeriodSeconds]', async () => {
    const script =
      'trap "" TERM; sh -c \'trap "" TERM; echo "child $$"; exec sleep 60\' & wait; while :; do sleep 60; done';
    const runner = await sandbox.start(sandbox.spec({ script, gracePeriodSeconds: 0.1 }));
    await runner.printed('child ');
    runner.process.kill('SIGTERM');
    const end = await runner.end();
    expect(end).toMatchObject({ code: 137, report: { failure: 'Terminated' } });
    expect(isAlive(/child (\d+)/.exec(end.stdout)?.[1] ?? '')).toBe(false);
  });

  it('ends an agent past its deadline with 124, whatever the agent makes of it [AgentRun spec.timeoutSeconds]', async () => {
    const end = await sandbox.run(
      sandbox.spec({ script: 'trap "exit 0" TERM; while :; do sleep 0.01; done', timeoutSeconds: 0.2 }),
    );
    expect(end.code).toBe(124);
    expect(end.report).toMatchObject({ failure: 'Timeout', message: 'the agent was stopped at its deadline of 0.2 s' });
  });

  it('leaves no child behind when the agent itself has ended', async () => {
    const end = await sandbox.run(sandbox.spec({ script: 'sleep 60 & echo "child $!"' }));
    expect(end.code).toBe(0);
    expect(isAlive(/child (\d+)/.exec(end.stdout)?.[1] ?? '')).toBe(false);
  });

  it('meets the deadline and ends although nobody reads its output', async () => {
    const specPath = await sandbox.file(
      'runner.json',
      JSON.stringify(sandbox.spec({ script: 'yes', timeoutSeconds: 0.2 })),
    );
    const messagePath = join(sandbox.directory, 'termination-log');
    const env = { ...process.env, AGENT_RUNNER_SPEC_PATH: specPath, AGENT_RUNNER_TERMINATION_PATH: messagePath };
    const child = spawn(sandbox.program, [], { env, stdio: ['ignore', 'pipe', 'ignore'] });
    const [code] = (await once(child, 'exit')) as [number];
    child.stdout.destroy();
    expect(code).toBe(124);
    expect(await readFile(messagePath, 'utf8')).toContain('"failure":"Timeout"');
  }, 20_000);
});
