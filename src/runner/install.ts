import { chmod, copyFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RUNNER_SCHEMA_VERSION, type RunnerReport } from '../domain/runner-spec.js';
import type { Program } from './program.js';
import { errorText, RunnerFailure } from './runner-failure.js';

/**
 * Copies this program and the Node that runs it to `directory`, for `runner: inject`: the agent's container mounts it at the
 * same path and starts `<directory>/agent-runner`, whatever Node its image has or lacks. May be repeated.
 */
export async function install(program: Program, directory: string): Promise<RunnerReport> {
  try {
    await mkdir(directory, { recursive: true });
    const node = join(directory, 'node');
    await replace(node, (path) => copyFile(process.execPath, path));
    const source = await readFile(process.argv[1] ?? '', 'utf8');
    const script = source.replace(/^#!.*\n/, `#!${node}\n`);
    await replace(join(directory, 'agent-runner'), (path) => writeFile(path, script));
  } catch (error) {
    throw new RunnerFailure('RunnerError', `cannot install agent-runner in ${directory}: ${errorText(error)}`);
  }
  await program.note(`installed in ${directory}`);
  return { schemaVersion: RUNNER_SCHEMA_VERSION, exitCode: 0, artifacts: [] };
}

/** By rename, because a running program's file cannot be written ("text file busy"). */
async function replace(path: string, write: (path: string) => Promise<unknown>): Promise<void> {
  const temporary = `${path}.new`;
  await write(temporary);
  await chmod(temporary, 0o755);
  await rename(temporary, path);
}
