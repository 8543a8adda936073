import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';
import { boundText } from '../api/meta/text.js';
import { artifactKey, isArtifactKey } from '../domain/artifact-store.js';
import type { OutputArtifact } from '../domain/runner-spec.js';
import { parseGlob } from './glob.js';
import type { S3Bucket } from './s3-bucket.js';

/** An object that was refused; the message is the answer's body. */
class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
    this.name = 'Refusal';
  }
}

/** What one pod may store: the agent's container can reach the socket as well as its runner. */
export interface StoreBounds {
  objectBytes: number;
  totalBytes: number;
  requests: number;
  concurrent: number;
}

const GIB = 2 ** 30;
const BOUNDS: StoreBounds = { objectBytes: 5 * GIB, totalBytes: 20 * GIB, requests: 500, concurrent: 2 };
const CONTENT_TYPE = /^[\w.+-]{1,63}\/[\w.+-]{1,63}$/;
const MAX_KEY_BYTES = 1024;

export interface StoreOptions {
  bucket: Pick<S3Bucket, 'put'>;
  /** Ends with a slash. */
  keyPrefix: string;
  artifacts: readonly OutputArtifact[];
  /** Makes a line for people of what the bucket threw. */
  describe(error: unknown): string;
  note(line: string): void;
  bounds?: StoreBounds;
}

/**
 * The HTTP server between agent-runner and the store: `PUT /<key of an artifact>` with a length. It stores only what the
 * run's provider names, below the prefix of the attempt, and within bounds; credentials stay on this side.
 */
export function storeServer(options: StoreOptions): Server {
  const bounds = options.bounds ?? BOUNDS;
  const used = { bytes: 0, requests: 0, now: 0 };
  const admit = (request: IncomingMessage): string => {
    if (request.method !== 'PUT') throw new Refusal(405, 'only PUT is known');
    const key = keyOf(request.url ?? '', options);
    const size = Number(request.headers['content-length'] ?? NaN);
    if (!Number.isSafeInteger(size) || size < 0) throw new Refusal(411, 'the length is not known');
    if (size > bounds.objectBytes) throw new Refusal(413, `it is larger than ${bounds.objectBytes} bytes`);
    if (used.bytes + size > bounds.totalBytes)
      throw new Refusal(413, `all together are larger than ${bounds.totalBytes} bytes`);
    if (used.requests >= bounds.requests) throw new Refusal(429, `there were more than ${bounds.requests} uploads`);
    if (used.now >= bounds.concurrent) throw new Refusal(429, `there are ${bounds.concurrent} uploads already`);
    used.bytes += size;
    used.requests += 1;
    return key;
  };
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const key = admit(request);
      used.now += 1;
      try {
        await store(key, request, options);
      } finally {
        used.now -= 1;
      }
      response.writeHead(200).end();
    } catch (error) {
      const line = boundText(error instanceof Refusal ? error.message : options.describe(error), 512);
      options.note(`refused or failed: ${line}`);
      if (request.headers['content-length'] !== undefined) await drain(request);
      response.writeHead(error instanceof Refusal ? error.status : 502, { connection: 'close' }).end(line);
    }
  };
  // Bounded by the pod's life; an upload of 5 GiB takes longer than Node's five minutes for a request.
  return createServer({ requestTimeout: 0 }, (request, response) => void handle(request, response));
}

function keyOf(url: string, { artifacts, keyPrefix }: StoreOptions): string {
  let key: string;
  try {
    key = decodeURIComponent(url.slice(1));
  } catch {
    throw new Refusal(400, 'the key is not encoded');
  }
  const named = artifacts.some((artifact) => {
    const own = artifactKey(artifact);
    return key === own || (parseGlob(artifact.path) !== undefined && key.startsWith(`${own}/`));
  });
  if (!named || !isArtifactKey(key)) throw new Refusal(403, 'no artifact of this run has this key');
  if (Buffer.byteLength(keyPrefix + key) > MAX_KEY_BYTES)
    throw new Refusal(414, `the key is longer than ${MAX_KEY_BYTES} bytes`);
  return keyPrefix + key;
}

async function store(key: string, request: IncomingMessage, { bucket }: StoreOptions): Promise<void> {
  const type = request.headers['content-type'] ?? '';
  const contentType = CONTENT_TYPE.test(type) ? type : 'application/octet-stream';
  const gone = new AbortController();
  // Apart from the request: who gives up reading it closes it, and with it the way for the answer.
  const body = new PassThrough();
  // Half a file must not become an object: its sender ended, or gave up.
  request.once('close', () => {
    if (request.complete) return;
    gone.abort(new Refusal(400, 'the upload broke off'));
    body.destroy();
  });
  request.pipe(body);
  await bucket.put({ key, body, contentType }, gone.signal);
}

/** A connection that is closed with something unread on it loses the answer. */
async function drain(request: IncomingMessage): Promise<void> {
  request.unpipe();
  request.resume();
  await finished(request).catch(() => undefined);
}
