import { request, type IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { boundText } from '../api/meta/text.js';
import { encodeKey } from '../domain/artifact-store.js';
import { errorCode, errorText } from './runner-failure.js';

/** The store's container may be starting, or starting again. */
const NOT_THERE: readonly (string | undefined)[] = ['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE'];
const TRIES = 20;
const PAUSE_MS = 500;
const MAX_ANSWER_BYTES = 4 << 10;

/** One object to store; `open` is called for each try and gives exactly `size` bytes. */
export interface Upload {
  key: string;
  contentType: string;
  size: number;
  open(): Readable;
}

/** Hands artifacts to the store's container, which has the credentials, over a socket that both containers mount. */
export class StoreClient {
  constructor(
    private readonly socket: string,
    private readonly pauseMs = PAUSE_MS,
  ) {}

  /** @throws Error whose message says why the object is not stored, or the limit's reason */
  async put(upload: Upload, limit: AbortSignal): Promise<void> {
    for (let left = TRIES; ; left -= 1) {
      try {
        await this.#try(upload, limit);
        return;
      } catch (error) {
        limit.throwIfAborted();
        if (!NOT_THERE.includes(errorCode(error))) throw error;
        if (left === 1)
          throw new Error(`was not stored: the store's container does not answer (${errorText(error)})`, {
            cause: error,
          });
      }
      await pause(this.pauseMs, undefined, { signal: limit }).catch(() => limit.throwIfAborted());
    }
  }

  async #try(upload: Upload, limit: AbortSignal): Promise<void> {
    const { key, contentType, size } = upload;
    const outgoing = request({
      socketPath: this.socket,
      method: 'PUT',
      path: `/${encodeKey(key)}`,
      headers: { 'content-length': size, 'content-type': contentType },
      signal: limit,
    });
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      outgoing.once('response', resolve);
      outgoing.once('error', reject);
    });
    // A refusal may come before everything was sent, and closes the connection: the answer counts, if there is one.
    const sent = pipeline(upload.open(), outgoing).catch((error: unknown) => error);
    const answer = await answered.catch(async (error: unknown) => {
      const why = await sent;
      throw why instanceof Error && errorCode(why) === undefined ? why : error;
    });
    const text = await textOf(answer);
    if (answer.statusCode !== 200) throw new Error(`was not stored: ${boundText(text, 512)}`);
  }
}

async function textOf(answer: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of answer.setEncoding('utf8') as AsyncIterable<string>) {
    if (text.length < MAX_ANSWER_BYTES) text += chunk;
  }
  return text;
}
