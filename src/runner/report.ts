import type { FailureRule } from '../api/v1alpha1/agent-provider.types.js';
import type { RuleFailureClass } from '../api/v1alpha1/failure-class.js';
import { failureClassOf } from '../domain/failure-rule.js';
import { RUNNER_SCHEMA_VERSION, type RunnerReport } from '../domain/runner-spec.js';
import type { AgentExit, SpawnFailure } from './agent-process.js';
import type { Artifacts, MissingArtifact } from './artifacts.js';
import { EXIT, exitCodeOf, signalExitCode } from './exit-code.js';
import { errorCode, RunnerFailure } from './runner-failure.js';
import type { OutputTail } from './output-tail.js';
import type { AgentStatus } from './status-file.js';

type Verdict = Pick<RunnerReport, 'failure' | 'exitCode' | 'message'>;

/** What a run came to, for the verdict. */
export interface Ending {
  exit: AgentExit;
  timeoutSeconds: number;
  artifacts: Artifacts;
  status: AgentStatus;
  /** What a failure rule makes of the exit. */
  ruleClass?: RuleFailureClass | undefined;
}

/** The report of a run whose agent was started. */
export function reportOf({ exit, timeoutSeconds, artifacts, status, ruleClass }: Ending): RunnerReport {
  const { message, ...verdict } = verdictOf(exit, timeoutSeconds, artifacts);
  const texts = [message, status.message].filter((text) => text !== undefined && text !== '');
  // The rules are the provider's author's, who knows the agent's exits; its status file is the agent's own word.
  const failureClass = ruleClass ?? status.failureClass;
  return {
    schemaVersion: RUNNER_SCHEMA_VERSION,
    ...verdict,
    ...(failureClass === undefined ? {} : { failureClass }),
    ...(texts.length > 0 ? { message: texts.join(': ') } : {}),
    artifacts: artifacts.collected,
    ...(status.usage === undefined ? {} : { usage: status.usage }),
    ...(status.outputs === undefined ? {} : { outputs: status.outputs }),
  };
}

/** What the rules make of an agent that ended by itself and not with 0. */
export function ruleClassOf(
  exit: AgentExit,
  rules: readonly FailureRule[],
  tail: OutputTail,
): RuleFailureClass | undefined {
  const code = exitCodeOf(exit.code, exit.signal);
  return exit.stopped !== undefined || code === 0 ? undefined : failureClassOf(rules, code, tail.text());
}

/** The report of a program that the runner itself ended. */
export function failureReport(failure: RunnerFailure): RunnerReport {
  return {
    schemaVersion: RUNNER_SCHEMA_VERSION,
    failure: failure.failure,
    message: failure.message,
    exitCode: failure.exitCode,
    artifacts: [],
  };
}

/** A binary that could not be started, as the shells' codes have it. */
export function spawnFailure({ spawnError }: SpawnFailure, binary: string): RunnerFailure {
  const code = errorCode(spawnError);
  if (code === 'ENOENT') {
    const text = `spec.binary "${binary}" of the AgentProvider was not found in the image, or its interpreter was not`;
    return new RunnerFailure('NotFound', text, EXIT.notFound);
  }
  if (code === 'E2BIG') {
    const text = 'the arguments and environment are larger than the system takes; pass long texts in inputFiles';
    return new RunnerFailure('NotExecutable', text, EXIT.notExecutable);
  }
  const text = `spec.binary "${binary}" of the AgentProvider cannot be executed (${code ?? spawnError.message})`;
  return new RunnerFailure('NotExecutable', text, EXIT.notExecutable);
}

/** Ended by a signal before there was an agent to forward it to. */
export function terminatedBeforeStart(signal: NodeJS.Signals): RunnerFailure {
  return new RunnerFailure('Terminated', `stopped by ${signal} before the agent was started`, signalExitCode(signal));
}

function verdictOf(exit: AgentExit, timeoutSeconds: number, artifacts: Artifacts): Verdict {
  const code = exitCodeOf(exit.code, exit.signal);
  if (exit.stopped?.failure === 'Timeout') {
    const message = `the agent was stopped at its deadline of ${timeoutSeconds} s`;
    return { failure: 'Timeout', exitCode: EXIT.timeout, message };
  }
  if (exit.stopped?.failure === 'Terminated') {
    const { signal } = exit.stopped;
    // An agent that tidies up and exits 0 on TERM has not done its work.
    return {
      failure: 'Terminated',
      exitCode: code === 0 ? signalExitCode(signal) : code,
      message: `the agent was stopped by ${signal}`,
    };
  }
  if (exit.signal !== null) return { exitCode: code, message: `the agent was killed by ${exit.signal}` };
  if (code !== 0) return { exitCode: code, message: `the agent exited with ${code}` };
  return artifactVerdict(artifacts);
}

/** The verdict on an agent that has done its work. */
function artifactVerdict({ missing, unstored = [] }: Artifacts): Verdict {
  const absent = missing.filter(({ required }) => required);
  const lost = [...absent, ...unstored.filter(({ required }) => required)];
  const [first] = lost;
  if (first === undefined) {
    return { exitCode: 0, ...(unstored.length > 0 && { message: sentence(unstored, 'artifact') }) };
  }
  const message = sentence(lost, 'required artifact');
  // What nobody was given the time to look for may well be there.
  const signal = lost.every(({ stoppedBy }) => stoppedBy !== undefined) ? first.stoppedBy : undefined;
  if (signal !== undefined) return { failure: 'Terminated', exitCode: signalExitCode(signal), message };
  return { failure: absent.length > 0 ? 'ArtifactMissing' : 'UploadFailed', exitCode: EXIT.runner, message };
}

function sentence(artifacts: readonly MissingArtifact[], what: string): string {
  return artifacts.map(({ name, path, why }) => `${what} "${name}" (${path}) ${why}`).join('; ');
}
