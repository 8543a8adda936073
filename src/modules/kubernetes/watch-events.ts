import type { Clock, Random } from '../../domain/clock.js';
import type { KubernetesObject } from '../../api/meta/object.js';
import { ApiError } from './api-error.js';
import { Deadline } from './deadline.js';
import { jsonLines } from './json-lines.js';
import { resourcePath, type Resource } from './resource.js';
import type { Transport } from './transport.js';
import { silenceError, WATCH_SILENCE_LIMIT_MS } from './watch-health.js';

/** How long the server is asked to keep a watch: random, so that watches do not end together. */
const MIN_TIMEOUT_SECONDS = 300;
const TIMEOUT_SPREAD_SECONDS = 300;

const TYPES = ['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK'] as const;

export type WatchEvent<T> = { readonly type: 'OPEN' } | { readonly type: (typeof TYPES)[number]; readonly object: T };

export interface WatchTarget<T extends KubernetesObject> {
  readonly resource: Resource<T>;
  readonly namespace: string | undefined;
  readonly labelSelector: string | undefined;
}

interface WatchTools {
  readonly transport: Pick<Transport, 'stream'>;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * One watch from `resourceVersion` until the server ends it. Begins with OPEN once the server has accepted it. A
 * BOOKMARK's object has only a resourceVersion.
 *
 * @throws ApiError when it breaks, falls silent, or the server ends it with an ERROR event (410 among them)
 */
export async function* watchEvents<T extends KubernetesObject>(
  target: WatchTarget<T>,
  resourceVersion: string,
  tools: WatchTools,
  signal: AbortSignal,
): AsyncGenerator<WatchEvent<T>> {
  const deadline = new Deadline(tools.clock, WATCH_SILENCE_LIMIT_MS, signal);
  const query = {
    watch: 'true',
    allowWatchBookmarks: 'true',
    resourceVersion,
    timeoutSeconds: String(MIN_TIMEOUT_SECONDS + Math.floor(tools.random() * TIMEOUT_SPREAD_SECONDS)),
    labelSelector: target.labelSelector,
  };
  const path = resourcePath(target.resource, target.namespace);
  try {
    const chunks = await tools.transport.stream({ path, query, signal: deadline.signal });
    yield { type: 'OPEN' };
    for await (const value of jsonLines(chunks)) {
      deadline.extend(WATCH_SILENCE_LIMIT_MS);
      yield readEvent(target.resource, value);
    }
  } catch (error) {
    if (deadline.expired) throw silenceError(target.resource.plural);
    throw error instanceof ApiError ? error : invalidResponse(target.resource.plural);
  } finally {
    deadline.dispose();
  }
}

function readEvent<T extends KubernetesObject>({ plural }: Resource<T>, value: unknown): WatchEvent<T> {
  const { type, object } = (value ?? {}) as { type?: unknown; object?: unknown };
  if (type === 'ERROR') throw ApiError.fromStatus({ method: 'WATCH', target: plural }, 0, object);
  const known = TYPES.find((name) => name === type);
  if (known === undefined || !isComplete(object, known)) throw invalidResponse(plural);
  return { type: known, object: object as T };
}

function isComplete(object: unknown, type: (typeof TYPES)[number]): boolean {
  const metadata = (object as Partial<KubernetesObject> | undefined)?.metadata;
  if (!metadata?.resourceVersion) return false;
  return type === 'BOOKMARK' || (Boolean(metadata.name) && Boolean(metadata.uid));
}

function invalidResponse(plural: string): ApiError {
  return new ApiError({ method: 'WATCH', target: plural, code: 0, reason: 'InvalidResponse' });
}
