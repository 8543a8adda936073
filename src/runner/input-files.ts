import { constants } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { InputFile } from '../domain/runner-spec.js';
import { errorText, RunnerFailure } from './runner-failure.js';
import { resolveInside } from './workspace.js';

/** Writes the files below `directory` (a real path), replacing what is there; never through a symlink, nor into a `.git`. */
export async function writeInputFiles(directory: string, files: readonly InputFile[]): Promise<void> {
  for (const file of files) {
    try {
      await write(await resolveInside(directory, file.path, 'refuse'), file.content);
    } catch (error) {
      throw new RunnerFailure('InvalidSpec', `input file "${file.path}": ${errorText(error)}`);
    }
  }
}

async function write(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW } = constants;
  const file = await open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o644);
  try {
    await file.writeFile(content);
  } finally {
    await file.close();
  }
}
