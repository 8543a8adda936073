import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import mime from 'mime/lite';
import { artifactKey } from '../domain/artifact-store.js';
import type { CollectedArtifact, RunnerSpec } from '../domain/runner-spec.js';
import { absence, type Artifacts, collectArtifacts, type MissingArtifact } from './artifacts.js';
import type { CollectionLimit } from './collection-limit.js';
import { StoreClient } from './store-client.js';
import { resolveInside } from './workspace.js';

/**
 * Finds the artifacts of an agent that has ended, below `directory`, and hands them to the store where there is one.
 * @param record told what was collected before any of it is stored: sending takes a while, and the kubelet may not wait.
 */
export async function collectAndStore(
  directory: string,
  { outputArtifacts, artifactStore }: Pick<RunnerSpec, 'outputArtifacts' | 'artifactStore'>,
  limit: Pick<CollectionLimit, 'begin'>,
  record: (artifacts: Artifacts) => Promise<void>,
): Promise<Artifacts> {
  if (artifactStore === undefined) return collectArtifacts(directory, outputArtifacts, limit.begin('read'));
  const signal = limit.begin('stored');
  const artifacts = await collectArtifacts(directory, outputArtifacts, signal);
  await record(artifacts);
  const required = outputArtifacts.filter((artifact) => artifact.required === true).map(({ name }) => name);
  const uploads = await uploadArtifacts(directory, artifacts.collected, new StoreClient(artifactStore.socket), signal);
  const unstored = uploads.unstored.map((each) => ({
    ...each,
    required: required.some((name) => isOf(each.name, name)),
  }));
  return { missing: artifacts.missing, collected: uploads.collected, unstored };
}

/** What became of the artifacts that were collected. */
interface Uploads {
  /** In the order of collection; with `stored`, and the hash of the bytes that were sent, where that succeeded. */
  collected: CollectedArtifact[];
  unstored: Omit<MissingArtifact, 'required'>[];
}

/** One after the other; one that fails does not keep the next from being tried. */
async function uploadArtifacts(
  directory: string,
  artifacts: readonly CollectedArtifact[],
  store: StoreClient,
  limit: AbortSignal,
): Promise<Uploads> {
  const uploads: Uploads = { collected: [], unstored: [] };
  for (const artifact of artifacts) {
    try {
      limit.throwIfAborted();
      const sha256 = await upload(directory, artifact, store, limit);
      uploads.collected.push({ ...artifact, sha256, stored: true });
    } catch (error) {
      uploads.collected.push(artifact);
      uploads.unstored.push({ name: artifact.name, path: artifact.path, ...absence(error) });
    }
  }
  return uploads;
}

/** @returns the hash of what was sent */
async function upload(
  directory: string,
  artifact: CollectedArtifact,
  store: StoreClient,
  limit: AbortSignal,
): Promise<string> {
  const { path, sizeBytes: size } = artifact;
  // As when it was hashed: a pipe or a link may have taken the file's place.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(await resolveInside(directory, path, 'follow'), flags);
  try {
    if (!(await file.stat()).isFile()) throw new Error('is no longer a regular file');
    let digest = createHash('sha256');
    async function* content(): AsyncGenerator<Buffer> {
      // Its own: a try that was given up may still be waiting for a read while the next one begins.
      const own = createHash('sha256');
      digest = own;
      for (let at = 0; at < size;) {
        const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, size - at));
        const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
        if (bytesRead === 0) throw new Error('was not stored: it became shorter while it was read');
        const chunk = buffer.subarray(0, bytesRead);
        own.update(chunk);
        at += bytesRead;
        yield chunk;
      }
    }
    const contentType = mime.getType(path) ?? 'application/octet-stream';
    await store.put({ key: artifactKey(artifact), contentType, size, open: () => Readable.from(content()) }, limit);
    return digest.digest('hex');
  } finally {
    await file.close();
  }
}

const CHUNK_BYTES = 1 << 20;

/** Whether a collected artifact comes of the entry of that name; those of a path with wildcards are called `<name>/…`. */
function isOf(name: string, entry: string): boolean {
  return name === entry || name.startsWith(`${entry}/`);
}
