/** The key of an object in caches and queues: `namespace/name`. An object without a namespace has an empty one. */
export function keyOf(meta: { namespace?: string | undefined; name: string }): string {
  return `${meta.namespace ?? ''}/${meta.name}`;
}

/**
 * Undoes {@link keyOf}.
 *
 * @throws RangeError when `key` was not made by it
 */
export function parseKey(key: string): { namespace: string; name: string } {
  const slash = key.indexOf('/');
  const name = key.slice(slash + 1);
  if (slash < 0 || name === '' || name.includes('/')) throw new RangeError(`"${key}" is not namespace/name`);
  return { namespace: key.slice(0, slash), name };
}
