import type { RunnerReport } from '../domain/runner-spec.js';
import { EXIT } from './exit-code.js';

type Failure = NonNullable<RunnerReport['failure']>;

/** Ends the program with a verdict of the runner itself; the message goes into the termination message as it is. */
export class RunnerFailure extends Error {
  constructor(
    readonly failure: Failure,
    message: string,
    readonly exitCode: number = EXIT.runner,
  ) {
    super(message);
    this.name = 'RunnerFailure';
  }
}

/** The text of anything thrown; system errors keep their code and path, which is what a reader needs. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The errno name of a system error, or undefined. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
