/** The operator's S3-compatible store of artifacts. Its credentials are in a Secret of the run's namespace. */
export interface ArtifactStore {
  /** URL, http or https. */
  endpoint: string;
  bucket: string;
  region: string;
  /** What every key begins with, without a slash at either end; may be empty. */
  prefix: string;
  /** See `keyTemplateProblem`. */
  keyTemplate: string;
  secretName: string;
  /** Whether the bucket stands in the path of a URL, or in its host name. */
  forcePathStyle: boolean;
}

/** What a key template may speak of besides the artifact: all of it fixed before the attempt starts. */
export interface KeyVariables {
  'run.namespace': string;
  'run.name': string;
  'run.uid': string;
  'agent.name': string;
  'provider.name': string;
  attempt: string;
}

const KNOWN: readonly string[] = [
  'run.namespace',
  'run.name',
  'run.uid',
  'agent.name',
  'provider.name',
  'attempt',
] satisfies (keyof KeyVariables)[];
const VARIABLE = /\{\{\s*([\w.]+)\s*\}\}/g;
const LAST = /\/\{\{\s*artifact\.key\s*\}\}$/;
/** Characters that need no encoding in a URL, so that people can read and type a key. */
const SAFE = /^[\w!.*'()/-]*$/;
/** S3's own bound of a key. */
const MAX_KEY_BYTES = 1024;

/**
 * What is wrong with a key template, or undefined. It ends with the artifact's key, so that everything an agent has a say
 * in lies below what the control plane has fixed, and holds the run's uid, so that no run writes over another's.
 */
export function keyTemplateProblem(template: string): string | undefined {
  if (!LAST.test(template)) return 'must end with /{{ artifact.key }}';
  const head = template.replace(LAST, '');
  const names = [...head.matchAll(VARIABLE)].map(([, name = '']) => name);
  const unknown = names.find((name) => !KNOWN.includes(name));
  if (unknown !== undefined) return `has an unknown variable ${unknown}; known are ${KNOWN.join(', ')}`;
  if (!names.includes('run.uid')) return 'must hold {{ run.uid }}';
  const filled = head.replace(VARIABLE, 'x');
  if (SAFE.test(filled) && isArtifactKey(filled)) return undefined;
  return "must be segments of letters, digits, variables and !_.*'()- with single slashes between them";
}

/** What the key of each artifact of an attempt begins with; ends with a slash. */
export function keyPrefixOf({ prefix, keyTemplate }: ArtifactStore, variables: KeyVariables): string {
  const head = keyTemplate
    .replace(LAST, '')
    .replace(VARIABLE, (text, name: string) => (isKnown(name) ? variables[name] : text));
  return prefix === '' ? `${head}/` : `${prefix}/${head}/`;
}

/** Where an object is, for whoever has the right to read it. */
export function objectUrl({ endpoint, bucket, forcePathStyle }: ArtifactStore, key: string): string {
  const { protocol, host, pathname } = new URL(endpoint);
  const base = pathname.replace(/\/$/, '');
  const origin = forcePathStyle ? `${protocol}//${host}${base}/${bucket}` : `${protocol}//${bucket}.${host}${base}`;
  return `${origin}/${encodeKey(key)}`;
}

/** A key as a URL has it. */
export function encodeKey(key: string): string {
  return key.split('/').map(encodeURIComponent).join('/');
}

/** The last part of an artifact's key: as its provider says, else its name. */
export function artifactKey({ name, key }: { name: string; key?: string }): string {
  return key ?? name;
}

/** Whether a text can be a key below a prefix: no segment is empty or climbs, none holds what terminals obey. */
export function isArtifactKey(key: string): boolean {
  return (
    key.isWellFormed() &&
    !/\p{Cc}/u.test(key) &&
    new TextEncoder().encode(key).length <= MAX_KEY_BYTES &&
    key.split('/').every((segment) => !['', '.', '..'].includes(segment))
  );
}

function isKnown(name: string): name is keyof KeyVariables {
  return KNOWN.includes(name);
}
