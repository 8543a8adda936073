const DEFAULT_REGISTRY = 'docker.io';
/** The name that the default registry had; runtimes still take it for the same. */
const LEGACY_REGISTRY = 'index.docker.io';

/**
 * The full reference that a short one stands for, as container runtimes read it: registry, repository, tag or digest.
 * `python` is `docker.io/library/python:latest`.
 * @see https://github.com/distribution/reference `ParseDockerRef`, which the kubelet and containerd use
 */
export function normaliseImage(image: string): string {
  const slash = image.indexOf('/');
  const first = image.slice(0, Math.max(slash, 0));
  const domain = !isRegistry(first) || first === LEGACY_REGISTRY ? DEFAULT_REGISTRY : first;
  const rest = isRegistry(first) ? image.slice(slash + 1) : image;
  const repository = domain === DEFAULT_REGISTRY && !rest.includes('/') ? `library/${rest}` : rest;
  const name = repository.slice(repository.lastIndexOf('/') + 1);
  return `${domain}/${repository}${name.includes(':') || name.includes('@') ? '' : ':latest'}`;
}

/** A repository's name has no upper case, so a first part with one can only be a host. */
function isRegistry(first: string): boolean {
  return /[.:A-Z]/.test(first) || first === 'localhost';
}

/**
 * Whether a pattern of `security.allowedImages` allows an image; `*` stands for any text. Both are compared as full
 * references, so that neither a short name nor a missing tag gets around a pattern.
 */
export function imageMatches(pattern: string, image: string): boolean {
  const full = normaliseImage(image);
  return pattern.includes('*') ? matchesGlob(pattern, full) : normaliseImage(pattern) === full;
}

/** By searching each part once, from left to right: a regular expression of many `.*` would try every way to split. */
function matchesGlob(pattern: string, text: string): boolean {
  const [head = '', ...parts] = pattern.split('*');
  const tail = parts.pop() ?? '';
  if (!text.startsWith(head) || !text.endsWith(tail)) return false;
  let at = head.length;
  for (const part of parts) {
    const found = text.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return at <= text.length - tail.length;
}
