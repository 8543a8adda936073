import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import picomatch from 'picomatch';
import { errorCode } from './runner-failure.js';
import { resolveInside } from './workspace.js';

/** Names that start with a dot are found only by a pattern that has the dot; `!` is an ordinary character. */
const SYNTAX = { nonegate: true, noextglob: true } as const;
/** An agent can make any number of files; nobody pays a pod for looking at all of them. */
const MAX_ENTRIES = 100_000;

/** A pattern taken apart: the directory before its first wildcard, and the rest. */
export interface Glob {
  base: string;
  pattern: string;
}

/** The parts of a path with wildcards (`*`, `**`, `?`, `[…]`, `{…}`); undefined for one that names a file. */
export function parseGlob(path: string): Glob | undefined {
  const { base, glob, isGlob } = picomatch.scan(withoutGroups(path), SYNTAX);
  return isGlob ? { base: unescapePath(base), pattern: glob } : undefined;
}

/** picomatch reads groups of regular expressions, which no option turns off; file names have parentheses. */
function withoutGroups(path: string): string {
  return path.replace(/\\.|[()|]/gs, (part) => (part.length > 1 ? part : `\\${part}`));
}

/** A path without wildcards, its backslashes taken off the characters that they make ordinary. */
export function unescapePath(path: string): string {
  return path.replace(/\\([\\*?[\]{}()|!+@])/g, '$1');
}

/**
 * The files below `base` that match, as paths below it, in order. Directories of git and links to directories are not entered.
 * @param directory a real path, which no match leaves
 * @throws Error when the base leads out, when there is too much to look through, or with the limit's reason.
 */
export async function findMatches(directory: string, { base, pattern }: Glob, limit: AbortSignal): Promise<string[]> {
  const matches = picomatch(pattern, SYNTAX);
  const root = await resolveInside(directory, base, 'follow');
  const found: string[] = [];
  const pending = [''];
  // Without `**` nothing deeper than the pattern can match: an artifact of the top needs no look into node_modules.
  const depth = pattern.includes('**') ? Infinity : pattern.split('/').length;
  let seen = 0;
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    limit.throwIfAborted();
    const entries = await entriesOf(`${root}/${at}`);
    seen += entries.length;
    if (seen > MAX_ENTRIES)
      throw new Error(`was not looked for: there are more than ${MAX_ENTRIES} files to look through`);
    for (const entry of entries) {
      const path = `${at}${entry.name}`;
      if (!entry.isDirectory()) {
        if (matches(path)) found.push(path);
      } else if (entry.name.toLowerCase() !== '.git' && path.split('/').length < depth) pending.push(`${path}/`);
    }
  }
  return found.toSorted();
}

/** What vanishes or is closed to the runner holds no artifact. */
async function entriesOf(directory: string): Promise<Dirent[]> {
  try {
    return await readdir(directory, { withFileTypes: true });
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return [];
  }
}
