import { createHash } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import type { CollectedArtifact, OutputArtifact } from '../domain/runner-spec.js';
import { errorCode, errorText } from './runner-failure.js';
import { resolveInside } from './workspace.js';

/** A sparse file of any size costs nothing to make and hours to read. */
export const MAX_ARTIFACT_BYTES = 5 * 2 ** 30;

/** An artifact that is not there, or is not a file of the working directory. */
export interface MissingArtifact {
  name: string;
  path: string;
  required: boolean;
  why: string;
}

export interface Artifacts {
  collected: CollectedArtifact[];
  missing: MissingArtifact[];
}

/** Finds each artifact below `directory` (a real path), one after the other, with size and hash of the same bytes. */
export async function collectArtifacts(directory: string, wanted: readonly OutputArtifact[]): Promise<Artifacts> {
  const artifacts: Artifacts = { collected: [], missing: [] };
  for (const { name, path, key, required } of wanted) {
    try {
      const content = await measure(await resolveInside(directory, path, 'follow'));
      artifacts.collected.push({ name, path, ...(key === undefined ? {} : { key }), ...content });
    } catch (error) {
      artifacts.missing.push({ name, path, required: required ?? false, why: whyMissing(error) });
    }
  }
  return artifacts;
}

async function measure(path: string): Promise<{ sizeBytes: number; sha256: string }> {
  // A pipe without a writer would block the open.
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    return await hash(file, sizeOf(await file.stat()));
  } finally {
    await file.close();
  }
}

function sizeOf(entry: Stats): number {
  if (entry.isDirectory())
    throw new Error('is a directory: name a file, for instance an archive that the agent makes of it');
  if (!entry.isFile()) throw new Error('is not a regular file');
  if (entry.size > MAX_ARTIFACT_BYTES) throw new Error(`is larger than ${MAX_ARTIFACT_BYTES} bytes`);
  return entry.size;
}

/** Reads `size` bytes at most: something may still be appending. */
async function hash(file: FileHandle, size: number): Promise<{ sizeBytes: number; sha256: string }> {
  const digest = createHash('sha256');
  const buffer = Buffer.allocUnsafe(1 << 20);
  let sizeBytes = 0;
  while (sizeBytes < size) {
    const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, size - sizeBytes), sizeBytes);
    if (bytesRead === 0) break;
    digest.update(buffer.subarray(0, bytesRead));
    sizeBytes += bytesRead;
  }
  return { sizeBytes, sha256: digest.digest('hex') };
}

function whyMissing(error: unknown): string {
  const code = errorCode(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'was not found';
  return code === undefined ? errorText(error) : `cannot be read (${code})`;
}
