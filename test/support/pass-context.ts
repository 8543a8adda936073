import type { ReconcileContext } from '../../src/modules/manager/reconciler.js';

const silent: ReconcileContext['logger'] = {
  assign: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** What the loop gives a pass, with a log that nobody reads. */
export function passContext(now: () => Date): ReconcileContext {
  return { signal: new AbortController().signal, logger: silent, now };
}
