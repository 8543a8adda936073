import { createHash } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { posix } from 'node:path';
import { isArtifactKey } from '../domain/artifact-store.js';
import type { CollectedArtifact, OutputArtifact } from '../domain/runner-spec.js';
import { CollectionStopped } from './collection-stopped.js';
import { findMatches, parseGlob, unescapePath } from './glob.js';
import { errorCode, errorText } from './runner-failure.js';
import { resolveInside } from './workspace.js';

/** What is read at most, in bytes: a sparse file of any size costs nothing to make and hours to read. */
export interface ArtifactBounds {
  each: number;
  total: number;
}

const GIB = 2 ** 30;
const BOUNDS: ArtifactBounds = { each: 5 * GIB, total: 10 * GIB };
/** As many as a status takes. */
const MAX_ARTIFACTS = 50;

/** An artifact that is not there, is not a file of the working directory, or was not read. */
export interface MissingArtifact {
  name: string;
  path: string;
  required: boolean;
  why: string;
  /** The signal that ended the collecting before this one was read. */
  stoppedBy?: NodeJS.Signals;
}

export interface Artifacts {
  collected: CollectedArtifact[];
  missing: MissingArtifact[];
  /** Collected, and not in the store that there is. */
  unstored?: MissingArtifact[];
}

/**
 * Finds each artifact below `directory` (a real path), one after the other, with size and hash of the same bytes. A path
 * with wildcards gives one for each file that matches, called `<name>/<path below its first wildcard>`.
 * @param limit aborts with a CollectionStopped; what is not read by then is missing.
 */
export async function collectArtifacts(
  directory: string,
  wanted: readonly OutputArtifact[],
  limit: AbortSignal,
  bounds: ArtifactBounds = BOUNDS,
): Promise<Artifacts> {
  const artifacts: Artifacts = { collected: [], missing: [] };
  let left = bounds.total;
  const admit = (size: number): void => {
    if (size > bounds.each) throw new Error(`is larger than ${bounds.each} bytes`);
    if (size > left) throw new Error(`was not read: all artifacts together are larger than ${bounds.total} bytes`);
    left -= size;
  };
  const miss = ({ name, path, required = false }: OutputArtifact, error: unknown): void => {
    artifacts.missing.push({ name, path, required, ...absence(error) });
  };
  for (const artifact of wanted) {
    const files = await filesOf(directory, artifact, limit).catch((error: unknown) => miss(artifact, error));
    for (const { name, path, key, ...file } of files ?? []) {
      try {
        if (artifacts.collected.length >= MAX_ARTIFACTS)
          throw new Error(`was not read: a run has at most ${MAX_ARTIFACTS} artifacts`);
        limit.throwIfAborted();
        const content = await measure(await resolveInside(directory, path, 'follow'), limit, admit);
        artifacts.collected.push({ name, path, ...(key === undefined ? {} : { key }), ...content });
      } catch (error) {
        miss({ name, path, ...file }, error);
      }
    }
  }
  return artifacts;
}

/** The files that an artifact stands for. @throws Error when a path with wildcards finds none */
async function filesOf(directory: string, artifact: OutputArtifact, limit: AbortSignal): Promise<OutputArtifact[]> {
  const glob = parseGlob(artifact.path);
  if (glob === undefined) return [{ ...artifact, path: unescapePath(artifact.path) }];
  limit.throwIfAborted();
  const found = await findMatches(directory, glob, limit);
  if (found.length === 0) throw new Error('matches no file');
  return found.slice(0, MAX_ARTIFACTS + 1).map((rest) => {
    // A name is shown in terminals and is part of a key; only the agent knows what it calls its files.
    if (!isArtifactKey(`${artifact.name}/${rest}`))
      throw new Error('matches a file whose name is too long or has control characters');
    return {
      ...artifact,
      name: `${artifact.name}/${rest}`,
      path: posix.join(glob.base, rest),
      ...(artifact.key === undefined ? {} : { key: `${artifact.key}/${rest}` }),
    };
  });
}

/** @param admit throws when so many bytes are not to be read. */
async function measure(
  path: string,
  limit: AbortSignal,
  admit: (size: number) => void,
): Promise<{ sizeBytes: number; sha256: string }> {
  // A pipe without a writer would block the open.
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const size = sizeOf(await file.stat());
    admit(size);
    return await hash(file, size, limit);
  } finally {
    await file.close();
  }
}

function sizeOf(entry: Stats): number {
  if (entry.isDirectory())
    throw new Error('is a directory: name a file, for instance an archive that the agent makes of it');
  if (!entry.isFile()) throw new Error('is not a regular file');
  return entry.size;
}

/** Reads `size` bytes at most: something may still be appending. */
async function hash(
  file: FileHandle,
  size: number,
  limit: AbortSignal,
): Promise<{ sizeBytes: number; sha256: string }> {
  const digest = createHash('sha256');
  const buffer = Buffer.allocUnsafe(1 << 20);
  let sizeBytes = 0;
  while (sizeBytes < size) {
    limit.throwIfAborted();
    const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, size - sizeBytes), sizeBytes);
    if (bytesRead === 0) break;
    digest.update(buffer.subarray(0, bytesRead));
    sizeBytes += bytesRead;
  }
  return { sizeBytes, sha256: digest.digest('hex') };
}

/** Why an artifact is not there, in words for its line and the message. */
export function absence(error: unknown): Pick<MissingArtifact, 'why' | 'stoppedBy'> {
  if (error instanceof CollectionStopped && error.signal !== undefined) {
    return { why: error.message, stoppedBy: error.signal };
  }
  const code = errorCode(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') return { why: 'was not found' };
  return { why: code === undefined ? errorText(error) : `cannot be read (${code})` };
}
