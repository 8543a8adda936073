import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { errorText } from './runner-failure.js';

/** Size of the log file; what comes later is on standard output only. */
export const LOG_FILE_BYTES = 64 << 20;

/**
 * The agent's output as a file in the workspace, bounded so that an endless writer cannot have the pod evicted.
 * A failing disk ends the file, not the run.
 */
export class LogFile {
  #size = 0;
  #open = true;
  #endsLine = true;
  #tail: Promise<void> = Promise.resolve();

  private constructor(
    private readonly file: FileHandle,
    private readonly limit: number,
    private readonly onEnd: (why: string) => void,
  ) {}

  /** Starts an empty file. `onEnd` is told once why nothing more is written before `close`. */
  static async create(path: string, onEnd: (why: string) => void, limit: number = LOG_FILE_BYTES): Promise<LogFile> {
    const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW } = constants;
    return new LogFile(await open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o640), limit, onEnd);
  }

  /** Resolves once the bytes are written, in the order of the calls; never rejects. */
  write(bytes: Buffer): Promise<void> {
    this.#tail = this.#tail.then(() => this.#append(bytes));
    return this.#tail;
  }

  /** A line of the runner's own, never glued to what the agent wrote last. */
  writeLine(line: string): Promise<void> {
    this.#tail = this.#tail.then(() => this.#append(Buffer.from(`${this.#endsLine ? '' : '\n'}${line}\n`)));
    return this.#tail;
  }

  async close(): Promise<void> {
    await this.#tail;
    await this.file.close();
  }

  async #append(bytes: Buffer): Promise<void> {
    if (!this.#open || bytes.length === 0) return;
    const room = this.limit - this.#size;
    const part = bytes.subarray(0, room);
    try {
      for (let done = 0; done < part.length;) done += (await this.file.write(part, done)).bytesWritten;
    } catch (error) {
      this.#end(errorText(error));
      return;
    }
    this.#size += part.length;
    this.#endsLine = part.at(-1) === 0x0a;
    if (part.length < bytes.length) this.#end(`it has reached ${this.limit} bytes`);
  }

  #end(why: string): void {
    this.#open = false;
    this.onEnd(why);
  }
}
