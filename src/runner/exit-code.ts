import { constants } from 'node:os';

/** The runner's own verdicts, as timeout(1), env(1) and shells use them; every other code is the agent's. */
export const EXIT = {
  timeout: 124,
  runner: 125,
  notExecutable: 126,
  notFound: 127,
} as const;

/** 128+n, what a shell reports for a process that signal n ended. */
export function signalExitCode(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}

/** The exit code of a process as Node reports it: exactly one of both is set. */
export function exitCodeOf(code: number | null, signal: NodeJS.Signals | null): number {
  if (code !== null) return code;
  return signal === null ? EXIT.runner : signalExitCode(signal);
}
