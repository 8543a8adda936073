import { boundText } from '../api/meta/text.js';

const MAX_STACK_BYTES = 8192;

/** What of an error may be logged. */
export interface ErrorDescription {
  type: string;
  message: string;
  stack?: string;
}

/** Name, message and, if asked for, stack, all bounded; an error's other properties may hold headers and bodies. */
export function describeError(error: unknown, withStack: boolean): ErrorDescription {
  if (!(error instanceof Error)) return { type: typeof error, message: boundText(textOf(error)) };
  const stack = withStack && error.stack !== undefined ? { stack: boundText(error.stack, MAX_STACK_BYTES) } : {};
  return { type: error.name, message: boundText(error.message), ...stack };
}

function textOf(thrown: unknown): string {
  return typeof thrown === 'string' ? thrown : 'something that is not an Error was thrown';
}
