import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { StoreClient } from './store-client.js';
import { storeServer, type StoreBounds } from './store-server.js';

const BOUNDS: StoreBounds = { objectBytes: 10_000_000, totalBytes: 15_000_000, requests: 5, concurrent: 2 };
const artifacts = [
  { name: 'patch', path: 'fix.patch' },
  { name: 'report', path: 'report.md', key: 'docs/report.md' },
  { name: 'logs', path: 'logs/**' },
];

/** What reached the bucket, or what it throws. */
let stored: Map<string, { size: number; contentType: string }>;
let failure: Error | undefined;
let directory: string;
let server: Server;

beforeEach(async () => {
  stored = new Map();
  failure = undefined;
  directory = await mkdtemp(join(tmpdir(), 'store-'));
  server = storeServer({
    bucket: {
      put: async ({ key, body, contentType }, signal) => {
        let size = 0;
        for await (const chunk of body as AsyncIterable<Buffer>) {
          if (failure !== undefined) throw failure;
          size += chunk.length;
        }
        signal.throwIfAborted();
        stored.set(key, { size, contentType });
      },
    },
    keyPrefix: 'team/run/uid/1/',
    artifacts,
    describe: (error) => `the store failed: ${(error as Error).message}`,
    note: () => undefined,
    bounds: BOUNDS,
  });
  server.listen(join(directory, 'socket'));
  await once(server, 'listening');
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await rm(directory, { recursive: true });
});

function put(key: string, size = 3, open = () => Readable.from([Buffer.alloc(size)])): Promise<void> {
  const client = new StoreClient(join(directory, 'socket'), 1);
  return client.put({ key, contentType: 'text/markdown', size, open }, new AbortController().signal);
}

describe("the store's container", () => {
  it.each([
    ['under its name', 'patch'],
    ["under its provider's key", 'docs/report.md'],
    ['of a path with wildcards, below its name', 'logs/a b/ü.txt'],
  ])('stores an artifact %s, below the prefix of the attempt', async (_, key) => {
    await put(key);
    expect([...stored]).toEqual([[`team/run/uid/1/${key}`, { size: 3, contentType: 'text/markdown' }]]);
  });

  it.each(['../2/patch', 'other', 'report', 'patch/x', 'logs/../../x', 'logs/', 'logs/%2e%2e/%00'])(
    'refuses %s, which is the key of no artifact of the run',
    async (key) => {
      await expect(put(decodeURIComponent(key))).rejects.toThrow(
        'was not stored: no artifact of this run has this key',
      );
      expect(stored.size).toBe(0);
    },
  );

  it('refuses what is too large, and tells its sender', async () => {
    await expect(put('patch', 10_000_001)).rejects.toThrow('it is larger than 10000000 bytes');
  });

  it('refuses more than a pod may store', async () => {
    await put('patch', 9_000_000);
    await expect(put('patch', 9_000_000)).rejects.toThrow(
      'was not stored: all together are larger than 15000000 bytes',
    );
  });

  it('refuses more uploads than a run has any use for', async () => {
    for (let count = 0; count < 5; count += 1) await put('patch');
    await expect(put('patch')).rejects.toThrow('there were more than 5 uploads');
  });

  it('says in words why the store failed, also when that is long before the end of the upload', async () => {
    failure = new Error('NoSuchBucket');
    await expect(put('patch', 9_000_000)).rejects.toThrow('was not stored: the store failed: NoSuchBucket');
  });

  it('makes no object of an upload that breaks off', async () => {
    const broken = () =>
      Readable.from(
        (function* () {
          yield Buffer.alloc(10);
          throw new Error('it became shorter');
        })(),
      );
    await expect(put('patch', 1000, broken)).rejects.toThrow('it became shorter');
    expect(stored.size).toBe(0);
  });

  it.each([
    ['another method', { method: 'GET' }, 405],
    ['an upload of unknown length', { method: 'PUT', headers: { 'transfer-encoding': 'chunked' } }, 411],
  ])('refuses %s', async (_, options, status) => {
    const outgoing = request({ socketPath: join(directory, 'socket'), path: '/patch', ...options }).end();
    const [answer] = (await once(outgoing, 'response')) as [{ statusCode: number }];
    expect(answer.statusCode).toBe(status);
  });
});

describe('a client of the store', () => {
  it('waits for a container that is still starting', async () => {
    const socket = join(directory, 'late');
    const client = new StoreClient(socket, 5);
    const waiting = client.put(
      { key: 'patch', contentType: 'text/plain', size: 1, open: () => Readable.from([Buffer.from('x')]) },
      new AbortController().signal,
    );
    server.close();
    server.listen(socket);
    await waiting;
    expect(stored.size).toBe(1);
  });

  it('gives up on one that never answers, and says so', async () => {
    const client = new StoreClient(join(directory, 'none'), 1);
    const upload = { key: 'patch', contentType: 'text/plain', size: 0, open: () => Readable.from([]) };
    await expect(client.put(upload, new AbortController().signal)).rejects.toThrow(
      "was not stored: the store's container does not answer",
    );
    await expect(client.put(upload, AbortSignal.abort(new Error('no time')))).rejects.toThrow('no time');
  });
});
