import { CollectionStopped } from './collection-stopped.js';

/** Two of the largest files from a slow disk; nobody pays a pod for reading longer. */
const COLLECTION_MS = 120_000;
/** Of the five seconds that a pod's grace period is longer than the agent's, the draining of its output may take three. */
const AFTER_SIGNAL_MS = 1_000;

/** Aborts, with a CollectionStopped as its reason, two minutes from now or a second after `termination`, also when that was before. */
export function collectionLimit(termination: AbortSignal): AbortSignal {
  const limit = new AbortController();
  const stopAfter = (ms: number, reason: CollectionStopped): void => {
    setTimeout(() => limit.abort(reason), ms).unref();
  };
  const terminate = (): void => {
    const signal = termination.reason as NodeJS.Signals;
    stopAfter(AFTER_SIGNAL_MS, new CollectionStopped(`was not read: ${signal} stopped the runner`, signal));
  };
  stopAfter(COLLECTION_MS, new CollectionStopped(`was not read within ${COLLECTION_MS / 1000} s`));
  termination.addEventListener('abort', terminate, { once: true });
  if (termination.aborted) terminate();
  return limit.signal;
}
