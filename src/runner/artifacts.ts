import { createHash } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import type { CollectedArtifact, OutputArtifact } from '../domain/runner-spec.js';
import { CollectionStopped } from './collection-stopped.js';
import { errorCode, errorText } from './runner-failure.js';
import { resolveInside } from './workspace.js';

/** What is read at most, in bytes: a sparse file of any size costs nothing to make and hours to read. */
export interface ArtifactBounds {
  each: number;
  total: number;
}

const GIB = 2 ** 30;
const BOUNDS: ArtifactBounds = { each: 5 * GIB, total: 10 * GIB };

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
}

/**
 * Finds each artifact below `directory` (a real path), one after the other, with size and hash of the same bytes.
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
  for (const { name, path, key, required } of wanted) {
    try {
      limit.throwIfAborted();
      const content = await measure(await resolveInside(directory, path, 'follow'), limit, (size) => {
        if (size > bounds.each) throw new Error(`is larger than ${bounds.each} bytes`);
        if (size > left) throw new Error(`was not read: all artifacts together are larger than ${bounds.total} bytes`);
        left -= size;
      });
      artifacts.collected.push({ name, path, ...(key === undefined ? {} : { key }), ...content });
    } catch (error) {
      artifacts.missing.push({ name, path, required: required ?? false, ...absence(error) });
    }
  }
  return artifacts;
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

function absence(error: unknown): Pick<MissingArtifact, 'why' | 'stoppedBy'> {
  if (error instanceof CollectionStopped && error.signal !== undefined) {
    return { why: error.message, stoppedBy: error.signal };
  }
  const code = errorCode(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') return { why: 'was not found' };
  return { why: code === undefined ? errorText(error) : `cannot be read (${code})` };
}
