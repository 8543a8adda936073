import type { RunnerReport } from '../domain/runner-spec.js';
import { Sink } from './output.js';
import { settlesWithin } from './settle.js';
import { writeTerminationMessage } from './termination-message.js';
import { errorText } from './runner-failure.js';

/** How long a stuck reader of the output may keep the program from ending. */
const FLUSH_MS = 1_000;

/** What ends the program: a pod's SIGTERM, a terminal's SIGINT, or what an image names as its STOPSIGNAL instead. */
const STOPS = ['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP'] as const;

/** What a sub-command needs of the process it runs in. */
export class Program {
  readonly stdout = new Sink(process.stdout);
  readonly stderr = new Sink(process.stderr);
  /** Aborts at the first signal of those that stop it, with the signal's name as its reason. */
  readonly termination: AbortSignal;

  constructor(
    readonly env: NodeJS.ProcessEnv,
    private readonly terminationPath: string,
  ) {
    const controller = new AbortController();
    this.termination = controller.signal;
    for (const signal of STOPS) process.on(signal, () => controller.abort(signal));
  }

  /** A line of the runner's own, told from the agent's by its prefix. */
  note(line: string): Promise<void> {
    return this.stderr.write(`agent-runner: ${line}\n`);
  }

  /** Writes the termination message. Without a place for it the exit code has to do. */
  async record(report: RunnerReport): Promise<void> {
    try {
      await writeTerminationMessage(this.terminationPath, report);
    } catch (error) {
      await this.note(`cannot write the termination message: ${errorText(error)}`);
    }
  }

  /** Ends the process once its output has left it, or after a second of waiting for that. */
  async exit(code: number): Promise<never> {
    await settlesWithin(Promise.all([this.stdout.flush(), this.stderr.flush()]), FLUSH_MS);
    process.exit(code);
  }
}
