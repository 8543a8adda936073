import type { KubernetesObject } from '../../api/meta/object.js';
import { ApiError, isGone } from './api-error.js';
import { apiVersionOf, resourcePath, type Resource } from './resource.js';
import type { Transport } from './transport.js';

/** client-go's page size: an answer stays in the low megabytes, also with large specs. */
const PAGE_SIZE = '500';

export interface ListResult<T> {
  readonly items: T[];
  /** Where a watch continues. */
  readonly resourceVersion: string;
}

interface Page<T> {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items?: T[] | null;
}

/**
 * Lists everything at one consistent point. resourceVersion is not set: with `0` the API server ignores the page size
 * and answers from a cache that may be behind what was read before.
 *
 * When the continue token expires half-way (410), everything is read again in one answer, which cannot expire. Every
 * request has the transport's deadline, so a list that hangs fails.
 *
 * @param prepare makes of each item what is kept of it, before the next page is read: whole objects of all pages together
 * would be the highest point of the process's memory
 */
export async function listAll<T extends KubernetesObject>(
  transport: Pick<Transport, 'request'>,
  resource: Resource<T>,
  namespace: string | undefined,
  query: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
  prepare: (item: T) => T = (item) => item,
): Promise<ListResult<T>> {
  const path = resourcePath(resource, namespace);
  const read = async (paging: Record<string, string>): Promise<Page<T>> =>
    (await transport.request({ method: 'GET', path, query: { ...query, ...paging }, signal })) as Page<T>;
  const items: T[] = [];
  const apiVersion = apiVersionOf(resource);
  const collect = (from: Page<T>): void => {
    // Items of built-in lists come without them.
    for (const item of from.items ?? []) items.push(prepare(Object.assign(item, { apiVersion, kind: resource.kind })));
  };
  let page = await read({ limit: PAGE_SIZE });
  collect(page);
  while (page.metadata?.continue) {
    try {
      page = await read({ limit: PAGE_SIZE, continue: page.metadata.continue });
    } catch (error) {
      if (!isGone(error)) throw error;
      items.length = 0;
      page = await read({});
    }
    collect(page);
  }
  const resourceVersion = page.metadata?.resourceVersion;
  if (resourceVersion === undefined || resourceVersion === '') {
    // Not a list, whatever it is: taken for an empty one, it would delete everything from the cache.
    throw new ApiError({ method: 'GET', target: resource.plural, code: 0, reason: 'InvalidResponse' });
  }
  return { items, resourceVersion };
}
