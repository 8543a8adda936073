import type { KubernetesObject } from '../../api/meta/object.js';
import { resourcePath, type Resource } from './resource.js';
import type { Transport } from './transport.js';

/**
 * A resourceVersion as a number, which may be compared with others of the same kind
 * (https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions); undefined for one that is none.
 */
export function versionOf(resourceVersion: string | undefined): bigint | undefined {
  return resourceVersion !== undefined && /^\d+$/.test(resourceVersion) ? BigInt(resourceVersion) : undefined;
}

/** How far the server is with a kind, not its cache; undefined when it does not say. Never rejects. */
export async function serverVersion<T extends KubernetesObject>(
  transport: Pick<Transport, 'request'>,
  resource: Resource<T>,
  namespace: string | undefined,
  signal: AbortSignal,
): Promise<bigint | undefined> {
  try {
    const path = resourcePath(resource, namespace);
    const answer = await transport.request({ method: 'GET', path, query: { limit: '1' }, signal });
    const { metadata } = answer as { metadata?: { resourceVersion?: string } };
    return versionOf(metadata?.resourceVersion);
  } catch {
    return undefined;
  }
}
