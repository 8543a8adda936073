import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type { LogFile } from './log-file.js';
import type { Masker } from './masker.js';
import type { OutputTail } from './output-tail.js';

/**
 * One of the program's own output streams. `write` waits while the reader is slow, which is what keeps memory flat under
 * endless output; once the reader is gone, writes are dropped: the agent's work does not depend on its log.
 */
export class Sink {
  #broken = false;

  constructor(private readonly stream: Writable) {
    stream.on('error', () => {
      this.#broken = true;
    });
  }

  async write(bytes: Buffer | string): Promise<void> {
    if (this.#broken || bytes.length === 0 || this.stream.write(bytes)) return;
    await once(this.stream, 'drain').catch(() => undefined);
  }

  /** Resolves when everything written so far has left the process. */
  async flush(): Promise<void> {
    if (this.#broken) return;
    await new Promise<void>((resolve) => this.stream.write('', () => resolve()));
  }
}

/** Where the agent's output goes, besides a stream of the program's own. */
export interface Copies {
  log: LogFile;
  tail: OutputTail;
}

/** Copies the agent's output, masked, to a sink, the log file and the tail until the source ends. */
export async function pump(source: Readable, masker: Masker, sink: Sink, { log, tail }: Copies): Promise<void> {
  const forward = async (bytes: Buffer): Promise<void> => {
    tail.push(bytes);
    await Promise.all([sink.write(bytes), log.write(bytes)]);
  };
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) await forward(masker.push(chunk));
  } catch {
    // The pipe was closed on this side because something else still holds it: what came so far counts.
  }
  await forward(masker.end());
}
