import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorText, RunnerFailure } from './runner-failure.js';

/** Shorter values would mask ordinary words. */
const MIN_LENGTH = 8;
/** A Secret is at most 1 MiB; what is larger is none. */
const MAX_FILE_BYTES = 1 << 20;
/** A key or certificate has fewer lines; in a longer file single lines are hardly secrets, and each one costs time. */
const MAX_LINES = 100;

/**
 * The texts to mask: values of the variables, content of the files below the directories, and of those with several lines
 * each line too, because programs print keys indented or line by line.
 */
export async function collectMasks(
  env: Readonly<Record<string, string | undefined>>,
  names: readonly string[],
  directories: readonly string[],
): Promise<string[]> {
  const values = names.map((name) => env[name] ?? '');
  for (const directory of directories) values.push(...(await contents(directory)));
  return [...new Set(values.flatMap(variants))].filter((text) => text.length >= MIN_LENGTH);
}

function variants(value: string): string[] {
  const lines = value.split(/\r?\n/).map((line) => line.trim());
  return lines.length > 1 && lines.length <= MAX_LINES ? [value.trim(), ...lines] : [value.trim()];
}

async function contents(directory: string): Promise<string[]> {
  try {
    const values: string[] = [];
    for (const name of await readdir(directory)) {
      // The kubelet's own `..data` and `..<time>` hold the same files a second time.
      if (name.startsWith('..')) continue;
      const path = join(directory, name);
      const entry = await stat(path);
      if (entry.isDirectory()) values.push(...(await contents(path)));
      else if (entry.isFile() && entry.size <= MAX_FILE_BYTES) values.push(await readFile(path, 'utf8'));
    }
    return values;
  } catch (error) {
    // Without its values output could not be masked: better no run than a leak.
    throw new RunnerFailure('RunnerError', `cannot read the values to mask: ${errorText(error)}`);
  }
}
