import type { RunnerReport } from '../domain/runner-spec.js';
import { checkout } from './checkout.js';
import { EXIT } from './exit-code.js';
import { install } from './install.js';
import { Program } from './program.js';
import { failureReport } from './report.js';
import { errorText, RunnerFailure } from './runner-failure.js';
import { run } from './run.js';
import { serveStore } from './store.js';

/** Put in by the bundler. */
declare const AGENT_RUNNER_VERSION: string;

const USAGE = `usage: agent-runner              run the agent of the spec that AGENT_RUNNER_SPEC_PATH names
       agent-runner checkout     clone its repository into the workspace
       agent-runner install DIR  copy this program and its Node to DIR
       agent-runner store        take artifacts from a socket and store them
       agent-runner --version
`;

async function main(program: Program, args: readonly string[]): Promise<number> {
  const [command, directory, ...rest] = args;
  if (command === undefined) return reported(program, run);
  if (command === 'checkout' && directory === undefined) return reported(program, checkout);
  if (command === 'store' && directory === undefined) return reported(program, serveStore);
  if (command === 'install' && directory !== undefined && rest.length === 0) {
    return reported(program, () => install(program, directory));
  }
  if (command === '--version') {
    await program.stdout.write(`agent-runner ${AGENT_RUNNER_VERSION}\n`);
    return 0;
  }
  await program.stderr.write(USAGE);
  return EXIT.runner;
}

/** Every way a command can end comes out here once: as a termination message, a line and an exit code. */
async function reported(program: Program, command: (program: Program) => Promise<RunnerReport>): Promise<number> {
  const report = await command(program).catch((error: unknown) =>
    failureReport(error instanceof RunnerFailure ? error : new RunnerFailure('RunnerError', errorText(error))),
  );
  await program.record(report);
  if (report.exitCode !== 0 && report.message !== undefined) await program.note(report.message);
  return report.exitCode;
}

const program = new Program(process.env, process.env['AGENT_RUNNER_TERMINATION_PATH'] ?? '/dev/termination-log');
const end = (code: number): Promise<never> => program.exit(code);
// Node's own exit code for it, 1, would read as the agent's.
process.on('uncaughtException', (error) => void reported(program, () => Promise.reject(error)).then(end));
void main(program, process.argv.slice(2)).then(end);
