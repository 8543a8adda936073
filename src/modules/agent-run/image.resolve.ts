/**
 * The full reference that a short one stands for, as container runtimes read it: registry, repository, tag or digest.
 * `python` is `docker.io/library/python:latest`.
 */
export function normaliseImage(image: string): string {
  const [first, ...rest] = image.split('/');
  const hasRegistry = rest.length > 0 && (/[.:]/.test(first ?? '') || first === 'localhost');
  const path = hasRegistry ? image : rest.length > 0 ? `docker.io/${image}` : `docker.io/library/${image}`;
  const name = path.slice(path.lastIndexOf('/') + 1);
  return name.includes(':') || name.includes('@') ? path : `${path}:latest`;
}

/**
 * Whether a pattern of `security.allowedImages` allows an image; `*` stands for any text. Both are compared as full
 * references, so that neither a short name nor a missing tag gets around a pattern.
 */
export function imageMatches(pattern: string, image: string): boolean {
  const full = normaliseImage(image);
  if (pattern.includes('*')) return toExpression(pattern).test(full);
  return normaliseImage(pattern) === full;
}

function toExpression(pattern: string): RegExp {
  const literal = (text: string) => text.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  // No nested repetition: a hostile pattern cannot make the match explode.
  return new RegExp(`^${pattern.split(/\*+/).map(literal).join('.*')}$`, 's');
}
