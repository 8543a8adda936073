import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import { type Conversation, heard } from './conversation.js';

/** What came of the CLI. */
export interface CliResult {
  readonly conversation: Conversation;
  /** 128+n when signal n ended it, as shells have it. */
  readonly exitCode: number;
}

/**
 * Runs the Codex CLI with a file as its prompt and copies its events to standard output. Signals that stop a program are for
 * the CLI: what it did until then is still worth writing down.
 */
export async function runCli(promptFile: string, args: readonly string[]): Promise<CliResult> {
  const prompt = await readFile(promptFile);
  const cli = spawn('codex', args, { stdio: ['pipe', 'pipe', 'inherit'] });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => cli.kill(signal));
  // A CLI that ends before it has read everything: its exit code says why.
  cli.stdin.on('error', () => undefined).end(prompt);
  let conversation: Conversation = {};
  createInterface({ input: cli.stdout }).on('line', (line) => (conversation = heard(conversation, line)));
  cli.stdout.pipe(process.stdout, { end: false });
  const [code, signal] = (await once(cli, 'close')) as [number | null, NodeJS.Signals | null];
  return { conversation, exitCode: code ?? 128 + constants.signals[signal ?? 'SIGKILL'] };
}
