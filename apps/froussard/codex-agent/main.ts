// Runs the Codex CLI on the repository in the working directory and leaves what came of it where agent-runner looks:
// usage and last words in the status file, the changes as a patch. The invocation is in invocation.ts.
import { readFile, stat, writeFile } from 'node:fs/promises';
import { RUNNER_ENV } from '../../../src/domain/runner-contract.js';
import type { AgentStatus } from '../../../src/runner/status-file.js';
import { Checkout } from './changes.js';
import { runCli } from './cli.js';
import { statusOf } from './conversation.js';
import { invocationOf } from './invocation.js';

/** In bytes; what is larger is an artifact only. */
const MAX_SHOWN = 64 << 10;
const FAILED = 1;

async function main(args: readonly string[]): Promise<number> {
  const { promptFile, patchFile, cliArguments } = invocationOf(args, process.env);
  const checkout = await Checkout.open(process.cwd(), [promptFile, patchFile]);
  const { conversation, exitCode } = await runCli(promptFile, cliArguments);
  const status = statusOf(conversation, exitCode);
  // Before the patch: should the grace period end meanwhile, the usage is known.
  await writeStatus(status);
  try {
    await checkout.writePatch(patchFile);
    await show(patchFile);
    return exitCode;
  } catch (error) {
    return failed(error, status);
  }
}

async function writeStatus(status: AgentStatus): Promise<void> {
  const file = process.env[RUNNER_ENV.status];
  if (file !== undefined) await writeFile(file, JSON.stringify(status));
}

/** For people who read the log, where nothing stores artifacts. */
async function show(patchFile: string): Promise<void> {
  const { size } = await stat(patchFile);
  if (size > MAX_SHOWN) process.stdout.write(`codex-agent: ${patchFile} is too large to be shown\n`);
  else {
    // Its bytes as they are: not every text file is UTF-8.
    const lines = [`codex-agent: ${patchFile}\n`, await readFile(patchFile), 'codex-agent: end\n'];
    for (const line of lines) process.stdout.write(line);
  }
}

async function failed(error: unknown, status: AgentStatus = {}): Promise<number> {
  const message = `codex-agent: ${error instanceof Error ? error.message : String(error)}`;
  process.stderr.write(`${message}\n`);
  await writeStatus({ ...status, message });
  return FAILED;
}

void main(process.argv.slice(2))
  .catch((error: unknown) => failed(error))
  .then((exitCode) => (process.exitCode = exitCode));
