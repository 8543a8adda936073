import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OutputArtifact } from '../domain/runner-spec.js';
import { collectAndStore } from './artifact-upload.js';
import type { Artifacts } from './artifacts.js';
import { CollectionStopped } from './collection-stopped.js';

const WANTED: OutputArtifact[] = [
  { name: 'patch', path: 'fix.patch', required: true },
  { name: 'logs', path: '*.log' },
];

let directory: string;
let patch: string;
let server: Server;
/** What the store got, by path. */
let received: Map<string, string>;

beforeEach(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), 'upload-')));
  patch = join(directory, 'fix.patch');
  await writeFile(patch, 'first');
  await writeFile(join(directory, 'a.log'), 'log');
  received = new Map();
  server = createServer((request, response) => {
    void request.toArray().then(
      (chunks) => {
        received.set(request.url ?? '', Buffer.concat(chunks as Buffer[]).toString());
        response.end();
      },
      () => undefined,
    );
  });
  server.listen(join(directory, 'socket'));
  await once(server, 'listening');
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await rm(directory, { recursive: true });
});

/** @param between is told what was collected, before any of it is sent */
function store(between: (artifacts: Artifacts) => unknown, limit = new AbortController().signal): Promise<Artifacts> {
  const spec = { outputArtifacts: WANTED, artifactStore: { socket: join(directory, 'socket') } };
  return collectAndStore(directory, spec, { begin: () => limit }, async (artifacts) => {
    await between(artifacts);
  });
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('artifacts that are stored', () => {
  it('are told once before, as they were collected', async () => {
    const told: [number, string[]][] = [];
    await store(({ collected }) => told.push([received.size, collected.map(({ name }) => name)]));
    expect(told).toEqual([[0, ['patch', 'logs/a.log']]]);
    expect([...received]).toEqual([
      ['/patch', 'first'],
      ['/logs/a.log', 'log'],
    ]);
  });

  it('have the hash of the bytes that were sent, should something still write to them', async () => {
    const { collected } = await store(() => writeFile(patch, 'SECOND and longer'));
    expect(received.get('/patch')).toBe('SECON');
    expect(collected[0]).toMatchObject({ sizeBytes: 5, sha256: sha256('SECON'), stored: true });
  });

  it.each([
    ['became shorter', () => writeFile(patch, 'x'), 'it became shorter while it was read'],
    ['became a pipe', () => rm(patch).then(() => execFileSync('mkfifo', [patch])), 'is no longer a regular file'],
    ['became a link to elsewhere', () => rm(patch).then(() => symlink('/etc/hostname', patch)), 'leads out of'],
    ['vanished', () => rm(patch), 'was not found'],
  ])('are not, when the file %s meanwhile, and the others are', async (_, between, why) => {
    const { collected, unstored } = await store(between);
    expect(unstored).toMatchObject([{ name: 'patch', required: true }]);
    expect(unstored?.[0]?.why).toContain(why);
    expect(collected.map(({ name, stored }) => [name, stored])).toEqual([
      ['patch', undefined],
      ['logs/a.log', true],
    ]);
  });

  it('are not, once a signal has left no time for it', async () => {
    const limit = new AbortController();
    const stop = (): void =>
      limit.abort(new CollectionStopped('was not stored: SIGTERM stopped the runner', 'SIGTERM'));
    const { unstored } = await store(stop, limit.signal);
    expect(unstored).toMatchObject([
      { name: 'patch', required: true, stoppedBy: 'SIGTERM' },
      { name: 'logs/a.log', required: false, stoppedBy: 'SIGTERM' },
    ]);
    expect(received.size).toBe(0);
  });
});
