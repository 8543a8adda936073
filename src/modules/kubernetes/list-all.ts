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
 * When the continue token expires half-way (410), everything is read again in one answer, which cannot expire.
 */
export async function listAll<T extends KubernetesObject>(
  transport: Pick<Transport, 'request'>,
  resource: Resource<T>,
  namespace: string | undefined,
  query: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<ListResult<T>> {
  const path = resourcePath(resource, namespace);
  const read = async (paging: Record<string, string>): Promise<Page<T>> =>
    (await transport.request({ method: 'GET', path, query: { ...query, ...paging }, signal })) as Page<T>;
  const items: T[] = [];
  let page = await read({ limit: PAGE_SIZE });
  collect(page, resource, items);
  while (page.metadata?.continue) {
    try {
      page = await read({ limit: PAGE_SIZE, continue: page.metadata.continue });
    } catch (error) {
      if (!isGone(error)) throw error;
      items.length = 0;
      page = await read({});
    }
    collect(page, resource, items);
  }
  const resourceVersion = page.metadata?.resourceVersion;
  if (resourceVersion === undefined || resourceVersion === '') {
    // Not a list, whatever it is: taken for an empty one, it would delete everything from the cache.
    throw new ApiError({ method: 'GET', target: resource.plural, code: 0, reason: 'InvalidResponse' });
  }
  return { items, resourceVersion };
}

function collect<T extends KubernetesObject>(page: Page<T>, resource: Resource<T>, items: T[]): void {
  for (const item of page.items ?? []) {
    // Items of built-in lists come without them.
    item.apiVersion = apiVersionOf(resource);
    item.kind = resource.kind;
    items.push(item);
  }
}
