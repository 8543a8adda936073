import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { signalExitCode } from './exit-code.js';
import { Masker } from './masker.js';
import { signalGroup } from './process-group.js';
import { RunnerFailure } from './runner-failure.js';

/** A listing of refs fits; the end of what git had to say is what explains a failure. */
const MAX_STDOUT = 1 << 20;
const MAX_STDERR = 4 << 10;

/** How a git command ended, with the beginning of its output and the end of its complaints; these are masked. */
export interface GitResult {
  ok: boolean;
  stdout: string;
  stderr: string;
}

/** What the commands of one clone have in common. */
export interface GitSetting {
  directory: string;
  env: NodeJS.ProcessEnv;
  /** What git's own words must not repeat. */
  masks: readonly string[];
  /** Kills git with everything it started. */
  termination: AbortSignal;
}

/**
 * Runs git and resolves when it has ended by itself.
 * @throws RunnerFailure Terminated; the system's error when git cannot be started.
 */
export async function git(args: readonly string[], setting: GitSetting): Promise<GitResult> {
  // A signal that came before git is started tells nobody once more.
  failIfStopped(setting.termination);
  const result = await execute(args, setting);
  failIfStopped(setting.termination);
  return result;
}

function failIfStopped(termination: AbortSignal): void {
  if (!termination.aborted) return;
  const signal = termination.reason as NodeJS.Signals;
  throw new RunnerFailure('Terminated', `the checkout was stopped by ${signal}`, signalExitCode(signal));
}

function execute(args: readonly string[], { directory, env, masks, termination }: GitSetting): Promise<GitResult> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', args, { cwd: directory, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const texts = Promise.all([readBeginning(child.stdout), readEnd(child.stderr, new Masker(masks))]);
    const kill = (): void => signalGroup(child.pid, 'SIGKILL');
    termination.addEventListener('abort', kill);
    child.once('error', reject);
    child.once('close', (code) => {
      termination.removeEventListener('abort', kill);
      texts.then(([stdout, stderr]) => resolve({ ok: code === 0, stdout, stderr }), reject);
    });
  });
}

async function readBeginning(stream: Readable): Promise<string> {
  let text = '';
  for await (const chunk of stream.setEncoding('utf8') as AsyncIterable<string>) {
    text = (text + chunk).slice(0, MAX_STDOUT);
  }
  return text;
}

/** Masks before it cuts: what a cut leaves of a secret is no longer known for one. */
async function readEnd(stream: Readable, masker: Masker): Promise<string> {
  let end = Buffer.alloc(0);
  const add = (more: Buffer): void => {
    end = Buffer.concat([end, more]).subarray(-MAX_STDERR);
  };
  for await (const chunk of stream as AsyncIterable<Buffer>) add(masker.push(chunk));
  add(masker.end());
  return end.toString();
}
