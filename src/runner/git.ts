import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { signalGroup } from './process-group.js';

/** A listing of refs fits; the end of what git had to say is what explains a failure. */
const MAX_STDOUT = 1 << 20;
const MAX_STDERR = 4 << 10;

/** How a git command ended, with the beginning of its output and the end of its complaints. */
export interface GitResult {
  ok: boolean;
  stdout: string;
  stderr: string;
}

/**
 * Runs git in `directory` and resolves when it has ended; `termination` kills it with everything it started.
 * @throws the system's error when git cannot be started.
 */
export function git(
  args: readonly string[],
  directory: string,
  env: NodeJS.ProcessEnv,
  termination: AbortSignal,
): Promise<GitResult> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', args, { cwd: directory, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const texts = Promise.all([
      read(child.stdout, (text, more) => (text + more).slice(0, MAX_STDOUT)),
      read(child.stderr, (text, more) => (text + more).slice(-MAX_STDERR)),
    ]);
    const kill = (): void => signalGroup(child.pid, 'SIGKILL');
    termination.addEventListener('abort', kill);
    child.once('error', reject);
    child.once('close', (code) => {
      termination.removeEventListener('abort', kill);
      texts.then(([stdout, stderr]) => resolve({ ok: code === 0, stdout, stderr }), reject);
    });
  });
}

async function read(stream: Readable, add: (text: string, more: string) => string): Promise<string> {
  let text = '';
  for await (const chunk of stream.setEncoding('utf8') as AsyncIterable<string>) text = add(text, chunk);
  return text;
}
