import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

const OUTPUT = '.cache/control-plane';

/** Compiles the control plane as `nest build` does, to a place of its own; gives the directory. */
export async function buildControlPlane(): Promise<string> {
  await rm(OUTPUT, { recursive: true, force: true });
  const tsc = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--outDir', OUTPUT];
  await promisify(execFile)(process.execPath, tsc);
  return OUTPUT;
}

export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('the system gave no port');
  return address.port;
}

/** The built control plane as a process of its own. Whoever starts it ends it. */
export class ControlPlane {
  readonly #child: ChildProcess;
  readonly #url: string;
  readonly #exited: Promise<number | NodeJS.Signals>;
  #stdout = '';
  #stderr = '';

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.#url = url;
    child.stdout?.on('data', (chunk: Buffer) => (this.#stdout += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (this.#stderr += chunk.toString()));
    this.#exited = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve(code ?? signal ?? 0));
    });
  }

  /** @param env its whole environment but for the port */
  static async start(env: Readonly<Record<string, string>>): Promise<ControlPlane> {
    const port = await freePort();
    const child = spawn(process.execPath, [join(OUTPUT, 'main.js')], {
      env: { JANGAR_HTTP_PORT: String(port), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new ControlPlane(child, `http://127.0.0.1:${port}`);
  }

  /** @throws when nobody listens yet */
  async get(path: string): Promise<{ status: number; text: string }> {
    const response = await fetch(this.#url + path, { headers: { connection: 'close' } });
    return { status: response.status, text: await response.text() };
  }

  /** Everything it logged. @throws when a line is not JSON */
  get lines(): LogLine[] {
    const complete = this.#stdout.slice(0, this.#stdout.lastIndexOf('\n') + 1);
    return complete
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as LogLine);
  }

  get stderr(): string {
    return this.#stderr;
  }

  send(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Its exit code, or the signal that ended it. */
  exited(): Promise<number | NodeJS.Signals> {
    return this.#exited;
  }

  /** Ends it if it still runs. */
  async end(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.send('SIGKILL');
    await this.#exited;
  }
}
