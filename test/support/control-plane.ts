import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, globSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './api-server/free-port.js';
import { endingWithThis } from './api-server/server-process.js';

/** Below the project, where its dependencies are found; one for each process that tests, so that none takes another's. */
const OUTPUT = join('.cache', `control-plane-${process.pid}`);

/** How long a process that is frozen is asked. */
const ANSWER_MS = 5000;

/** Compiles the control plane as `nest build` does, but for the types: checking them is a stage of its own. */
export async function buildControlPlane(): Promise<void> {
  rmSync(OUTPUT, { recursive: true, force: true });
  removeLeftovers();
  const tsc = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--noCheck', '--outDir', OUTPUT];
  await promisify(execFile)(process.execPath, tsc);
}

/** Jest does not tell the code in its workers of their end: what those that are gone have left goes with the next one. */
function removeLeftovers(): void {
  for (const output of globSync('.cache/control-plane-*')) {
    if (!existsSync(join('/proc', output.slice(output.lastIndexOf('-') + 1)))) rmSync(output, { recursive: true });
  }
}

export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
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
    const [file = '', ...args] = endingWithThis([process.execPath, join(OUTPUT, 'main.js')]);
    const child = spawn(file, args, {
      env: { JANGAR_HTTP_PORT: String(port), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new ControlPlane(child, `http://127.0.0.1:${port}`);
  }

  /** @throws when nobody listens yet, or nobody answers */
  async get(path: string): Promise<{ status: number; text: string }> {
    const signal = AbortSignal.timeout(ANSWER_MS);
    const response = await fetch(this.#url + path, { headers: { connection: 'close' }, signal });
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
