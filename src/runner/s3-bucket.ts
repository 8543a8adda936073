import type { Readable } from 'node:stream';
import type { StoreSettings } from './store-settings.js';

const CONNECT_MS = 10_000;
const SILENCE_MS = 60_000;
/** The SDK's own back-off between them; an attempt that fails for a store's short outage is run again whole. */
const MAX_TRIES = 6;

export interface StoredObject {
  key: string;
  body: Readable;
  contentType: string;
}

/** Writes objects to the bucket of an S3-compatible store. */
export class S3Bucket {
  constructor(private readonly settings: Omit<StoreSettings, 'socket'>) {}

  /**
   * Streams `body`, above 5 MiB in parts, of which an unfinished upload leaves none behind.
   * @throws what the client throws; `storeError` makes words of it
   */
  async put({ key, body, contentType }: StoredObject, signal: AbortSignal): Promise<void> {
    // Large, and needed by this command alone: an agent's own runner never loads it.
    const [{ S3Client }, { Upload }] = await Promise.all([
      import('@aws-sdk/client-s3'),
      import('@aws-sdk/lib-storage'),
    ]);
    const { endpoint, region, bucket, forcePathStyle, accessKeyId, secretAccessKey } = this.settings;
    const client = new S3Client({
      endpoint,
      region,
      forcePathStyle,
      credentials: { accessKeyId, secretAccessKey },
      maxAttempts: MAX_TRIES,
      requestHandler: { connectionTimeout: CONNECT_MS, requestTimeout: SILENCE_MS, throwOnRequestTimeout: true },
      // Older stores do not know the checksums that newer clients send by default.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
    // A browser must not run in the store's origin what an agent has written.
    const object = { Bucket: bucket, Key: key, Body: body, ContentType: contentType, ContentDisposition: 'attachment' };
    const upload = new Upload({ client, params: object, queueSize: 2 });
    const abort = (): void => void upload.abort();
    signal.addEventListener('abort', abort, { once: true });
    try {
      signal.throwIfAborted();
      await upload.done();
    } finally {
      signal.removeEventListener('abort', abort);
      client.destroy();
    }
  }
}

/** What the store said, without its request's headers. */
export function storeError(error: unknown): string {
  if (!(error instanceof Error)) return 'the store failed';
  const metadata: unknown = Reflect.get(error, '$metadata');
  const status: unknown = typeof metadata === 'object' && metadata !== null && Reflect.get(metadata, 'httpStatusCode');
  return `the store failed: ${error.name}${typeof status === 'number' ? ` (${status})` : ''}: ${error.message}`;
}
