import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';

const SETPRIV = '/usr/bin/setpriv';
const running = new Set<ServerProcess>();

/** The command of a program that the kernel ends with this process, even when this is killed with SIGKILL. */
export function endingWithThis(command: readonly string[]): readonly string[] {
  return existsSync(SETPRIV) ? [SETPRIV, '--pdeathsig', 'KILL', ...command] : command;
}

/** Ends what is left when this process ends without having stopped it. */
function killAll(): void {
  for (const server of running) server.kill();
}

function killAllAndDie(signal: NodeJS.Signals): void {
  killAll();
  process.kill(process.pid, signal);
}

/** One server program in a process group of its own; it never outlives this process. */
export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #name: string;
  readonly #log: string;
  readonly #ended: Promise<void>;

  constructor(name: string, program: string, args: readonly string[], log: string) {
    const output = openSync(log, 'a');
    const [file = '', ...argv] = endingWithThis([program, ...args]);
    this.#child = spawn(file, argv, { detached: true, stdio: ['ignore', output, output] });
    closeSync(output);
    this.#name = name;
    this.#log = log;
    this.#ended = new Promise((resolve) => {
      this.#child.once('exit', () => resolve());
      this.#child.once('error', () => resolve());
    });
    if (running.size === 0) {
      process.once('exit', killAll);
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, killAllAndDie);
    }
    running.add(this);
  }

  /** Rejects with the end of the log once the server has ended; never resolves. */
  async failure(): Promise<never> {
    await this.#ended;
    const tail = readFileSync(this.#log, 'utf8').trim().split('\n').slice(-20).join('\n');
    throw new Error(
      `${this.#name} ended with ${this.#child.exitCode ?? this.#child.signalCode ?? 'an error'}:\n${tail}`,
    );
  }

  /** Kills the server's process group; its data is thrown away, so there is nothing to end gracefully. */
  kill(): void {
    const { pid } = this.#child;
    if (pid === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }

  /** Kills the server and waits until it is gone. */
  async stop(): Promise<void> {
    this.kill();
    await this.#ended;
    running.delete(this);
    if (running.size > 0) return;
    process.removeListener('exit', killAll);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.removeListener(signal, killAllAndDie);
  }
}
