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
  return textOf(error, 'message') ?? String(error);
}

/** The errno name of a system error, or undefined. */
export function errorCode(error: unknown): string | undefined {
  return textOf(error, 'code');
}

function textOf(error: unknown, field: 'message' | 'code'): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const value: unknown = Reflect.get(error, field);
  return typeof value === 'string' ? value : undefined;
}
