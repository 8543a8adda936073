/** A JSON value as a status holds it; undefined is the same as absent. */
type Json = unknown;

/**
 * The JSON merge patch (RFC 7386) that turns `current` into `next`, with null for keys that go; undefined when they mean
 * the same, whatever the order of their keys.
 */
export function mergePatch(current: object | undefined, next: object): Record<string, Json> | undefined {
  const patch = difference(current ?? {}, next);
  return Object.keys(patch).length === 0 ? undefined : patch;
}

function difference(current: object, next: object): Record<string, Json> {
  const before = new Map<string, Json>(Object.entries(current));
  const patch: Record<string, Json> = {};
  for (const [key, value] of Object.entries(next)) {
    const old = before.get(key);
    if (value === undefined || same(old, value)) continue;
    patch[key] = isMap(old) && isMap(value) ? difference(old, value) : withoutUndefined(value);
  }
  const kept = new Map<string, Json>(Object.entries(next));
  for (const [key, value] of before) {
    if (value !== undefined && kept.get(key) === undefined) patch[key] = null;
  }
  return patch;
}

function same(a: Json, b: Json): boolean {
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => same(item, b[index]));
  }
  if (isMap(a) && isMap(b)) return Object.keys(difference(a, b)).length === 0;
  return a === b;
}

function isMap(value: Json): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Inside a list, merge patch keeps what it is given: an undefined key has to go. */
function withoutUndefined(value: Json): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}
