/** A leaf of the schema of a kind: `spec.retry.limit` of `AgentRun`. Lists and maps add nothing to the path. */
export interface Leaf {
  readonly kind: string;
  readonly path: string;
}

/** A tag at the end of a title: a kind, and paths separated by spaces, each with lists in braces if need be. */
const TAG = /\s*\[(Agent(?:Run|Provider)?|Implementation(?:Spec|Source)|Memory) ([^\]\s][^\]]*)\]/g;

/**
 * The leaves that the tags of a title name, as they are written there:
 * `runs as the user [Agent spec.pod.{runAsUser,fsGroup}] [AgentRun status.phase]` names three.
 */
export function taggedLeaves(title: string): Leaf[] {
  return [...title.matchAll(TAG)].flatMap(([, kind = '', paths = '']) =>
    paths
      .split(/\s+/)
      .flatMap(expand)
      .map((path) => ({ kind, path })),
  );
}

/** The title as a reader knows it. */
export function withoutTags(title: string): string {
  return title.replaceAll(TAG, '');
}

/** One string for a leaf, to compare it by. */
export function leafKey({ kind, path }: Leaf): string {
  return `${kind} ${path}`;
}

function expand(path: string): string[] {
  const list = /\{([^{}]*)\}/.exec(path);
  if (list === null) return [path];
  const [braces, names = ''] = list;
  const [before, after] = [path.slice(0, list.index), path.slice(list.index + braces.length)];
  return names.split(',').flatMap((name) => expand(`${before}${name}${after}`));
}
