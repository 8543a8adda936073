import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable } from 'node:stream';
import { setLongTimer } from './long-timer.js';
import { signalGroup } from './process-group.js';
import { settlesWithin } from './settle.js';

/** How long output may still come after the agent has ended: a process that left its group can hold the pipe for ever. */
const DRAIN_MS = 2_000;
/** How long the rest, held back in the masker, may take after that. */
const REST_MS = 500;

export interface AgentCommand {
  binary: string;
  args: readonly string[];
  env: NodeJS.ProcessEnv;
  directory: string;
  timeoutSeconds: number;
  gracePeriodSeconds: number;
}

/** How the agent ended: an exit code, or the signal that killed it. */
export interface AgentExit {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** Why the runner stopped it, if it did. */
  stopped?: { failure: 'Timeout' } | { failure: 'Terminated'; signal: NodeJS.Signals };
}

/** The agent never ran. */
export interface SpawnFailure {
  spawnError: Error;
}

type Agent = ChildProcessByStdio<null, Readable, Readable>;

/**
 * Runs the agent in a process group of its own, so that signals reach its children, and resolves when it has ended and its
 * output was taken by `copy`. On the deadline or when `termination` aborts (its reason is the signal): that signal, the
 * grace period, KILL. What is left of the group when the agent itself has ended is killed.
 */
export async function runAgent(
  command: AgentCommand,
  termination: AbortSignal,
  copy: (stdout: Readable, stderr: Readable) => Promise<unknown>,
): Promise<AgentExit | SpawnFailure> {
  let agent: Agent;
  try {
    agent = await start(command);
  } catch (error) {
    return { spawnError: error instanceof Error ? error : new Error(String(error)) };
  }
  const copied = copy(agent.stdout, agent.stderr);
  const ended = await supervise(agent, command, termination);
  signalGroup(agent.pid, 'SIGKILL');
  if (!(await settlesWithin(copied, DRAIN_MS))) {
    agent.stdout.destroy();
    agent.stderr.destroy();
    await settlesWithin(copied, REST_MS);
  }
  return ended;
}

function start(command: AgentCommand): Promise<Agent> {
  return new Promise((resolve, reject) => {
    const agent = spawn(command.binary, command.args, {
      cwd: command.directory,
      env: command.env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    agent.once('spawn', () => resolve(agent));
    agent.once('error', reject);
  });
}

function supervise(agent: Agent, command: AgentCommand, termination: AbortSignal): Promise<AgentExit> {
  return new Promise((resolve) => {
    let stopped: AgentExit['stopped'];
    let cancelKill = (): void => undefined;
    const stop = (why: NonNullable<AgentExit['stopped']>, signal: NodeJS.Signals): void => {
      if (stopped !== undefined) return;
      stopped = why;
      signalGroup(agent.pid, signal);
      cancelKill = setLongTimer(command.gracePeriodSeconds * 1000, () => signalGroup(agent.pid, 'SIGKILL'));
    };
    const terminate = (): void => {
      const signal = termination.reason as NodeJS.Signals;
      stop({ failure: 'Terminated', signal }, signal);
    };
    const cancelDeadline = setLongTimer(command.timeoutSeconds * 1000, () => stop({ failure: 'Timeout' }, 'SIGTERM'));
    termination.addEventListener('abort', terminate);
    if (termination.aborted) terminate();
    agent.once('exit', (code, signal) => {
      cancelDeadline();
      cancelKill();
      termination.removeEventListener('abort', terminate);
      resolve({ code, signal, ...(stopped === undefined ? {} : { stopped }) });
    });
  });
}
