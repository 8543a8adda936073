import { RunnerFailure } from './runner-failure.js';

/** What `execution.coordinates.git.ref` turned out to name. */
export type Reference =
  | { kind: 'branch'; name: string }
  | { kind: 'tag'; name: string }
  /** Any other full ref, such as `refs/pull/7/head`. */
  | { kind: 'ref'; name: string }
  | { kind: 'commit'; sha: string };

const FULL_SHA = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i;
const SHORT_SHA = /^[0-9a-f]{7,63}$/i;
/** What git-check-ref-format(1) refuses, and a leading dash, which git would read as an option. */
const NO_REF = /^[-/]|\.\.|@\{|[\s\p{Cc}~^:?*[\\]|\/\/|\/$|\.lock$|^@$/u;

/** @throws RunnerFailure InvalidSpec for a text that cannot name a ref. */
export function checkReference(ref: string): void {
  if (NO_REF.test(ref)) {
    throw new RunnerFailure(
      'InvalidSpec',
      `execution.coordinates.git.ref "${ref}" is not a branch, tag or commit name`,
    );
  }
}

/** The commit a full SHA names, which needs no question to the remote. */
export function fullCommit(ref: string | undefined): Reference | undefined {
  return ref !== undefined && FULL_SHA.test(ref) ? { kind: 'commit', sha: ref.toLowerCase() } : undefined;
}

/** The refs to ask the remote for. */
export function candidates(ref: string | undefined): string[] {
  if (ref === undefined) return ['HEAD'];
  return ref.startsWith('refs/') ? [ref] : [`refs/heads/${ref}`, `refs/tags/${ref}`];
}

/**
 * Reads `git ls-remote --symref`. A branch wins over a tag of the same name, as in `git clone --branch`.
 * A name the remote does not have may still be an abbreviated commit; undefined when it cannot be that either.
 */
export function selectReference(ref: string | undefined, listing: string): Reference | undefined {
  const lines = listing.split('\n').map((line) => line.split('\t'));
  if (ref === undefined) return defaultBranch(lines);
  const names = new Set(lines.map(([, name]) => name));
  const found = candidates(ref).find((name) => names.has(name));
  if (found === undefined) return SHORT_SHA.test(ref) ? { kind: 'commit', sha: ref.toLowerCase() } : undefined;
  if (found.startsWith('refs/heads/')) return { kind: 'branch', name: found.slice('refs/heads/'.length) };
  if (found.startsWith('refs/tags/')) return { kind: 'tag', name: found.slice('refs/tags/'.length) };
  return { kind: 'ref', name: found };
}

/** `ref: refs/heads/main\tHEAD`, or for a remote with a detached HEAD just `<sha>\tHEAD`; an empty repository has neither. */
function defaultBranch(lines: readonly string[][]): Reference | undefined {
  const heads = lines.filter(([, name]) => name === 'HEAD').map(([target = '']) => target);
  const commit = heads.find((target) => FULL_SHA.test(target));
  if (commit === undefined) return undefined;
  const branch = heads.find((target) => target.startsWith('ref: refs/heads/'))?.slice('ref: refs/heads/'.length);
  return branch === undefined ? { kind: 'commit', sha: commit } : { kind: 'branch', name: branch };
}
