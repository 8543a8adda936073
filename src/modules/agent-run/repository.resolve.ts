import type { Agent } from '../../api/v1alpha1/agent.types.js';
import { INVALID_REASONS } from '../../api/v1alpha1/reasons.js';
import type { Invalid } from './state.types.js';

/**
 * Whether the Agent lets a run check out a repository, and with which Secret: the entry that matches gives it, so a run
 * never pairs a URL with a credential. The longest prefix wins.
 */
export function resolveRepository(url: string, agent: Agent): { kind: 'allowed'; gitSecret?: string } | Invalid {
  const entries = agent.spec.security?.allowedRepositories;
  const where = `of Agent "${agent.metadata.name}"`;
  const target = normaliseRepository(url);
  if (!target)
    return invalid(`execution.coordinates.git.url "${url}" is not a plain https, http or ssh URL of a repository`);
  if (!entries) return { kind: 'allowed' };
  const match = entries
    .map(({ urlPrefix, secretRef }) => ({ prefix: normalisePrefix(urlPrefix), secretRef }))
    .filter(({ prefix }) => isBelow(target, prefix))
    // Of the normalised text: a default port or a trailing slash makes no prefix a closer one.
    .toSorted((a, b) => (b.prefix?.length ?? 0) - (a.prefix?.length ?? 0))[0];
  if (!match) {
    return invalid(
      `execution.coordinates.git.url "${url}" matches no urlPrefix in spec.security.allowedRepositories ${where}; an admin can add one, then create a new run`,
    );
  }
  if (!match.secretRef) return { kind: 'allowed' };
  if (target.startsWith('http://')) {
    return invalid(`execution.coordinates.git.url "${url}" would send a credential over plain http; use https or ssh`);
  }
  return { kind: 'allowed', gitSecret: match.secretRef.name };
}

/**
 * One spelling of a repository's URL: lower-case host, no default port, no trailing `.git` or slash, scp form as ssh.
 * @returns undefined for what could mean another place than it seems (dot segments, empty segments, encoded separators)
 */
export function normaliseRepository(url: string): string | undefined {
  const scp = /^([\w][\w.-]*@[\w.-]+):(?!\/)(.+)$/.exec(url);
  let parsed: URL;
  try {
    parsed = new URL(scp ? `ssh://${scp[1]}/${scp[2]}` : url);
  } catch {
    return undefined;
  }
  if (!['https:', 'http:', 'ssh:'].includes(parsed.protocol) || parsed.password || parsed.search || parsed.hash) {
    return undefined;
  }
  const written = url.replace(/^[a-z]+:\/\//, '');
  if (/(?:^|\/)\.{1,2}(?:\/|$)|\\|%2e|%2f|%5c|.\/\//i.test(written)) return undefined;
  const user = parsed.username ? `${parsed.username}@` : '';
  const port = parsed.protocol === 'ssh:' && parsed.port === '22' ? '' : parsed.port;
  const path = parsed.pathname.replace(/\/+$/, '').replace(/\.git$/, '');
  return `${parsed.protocol}//${user}${parsed.hostname.toLowerCase()}${port ? `:${port}` : ''}${path}`;
}

/** As a repository, but for a whole host in scp form: `git@git.example:`. */
function normalisePrefix(urlPrefix: string): string | undefined {
  return normaliseRepository(/^[^/]+@[^/:]+:$/.test(urlPrefix) ? `ssh://${urlPrefix.slice(0, -1)}` : urlPrefix);
}

/** Compared up to a slash: a prefix `…/team` is not one of `…/team-b/app`. */
function isBelow(target: string, prefix: string | undefined): boolean {
  return prefix !== undefined && (target === prefix || target.startsWith(`${prefix}/`));
}

function invalid(message: string): Invalid {
  return { kind: 'invalid', reason: INVALID_REASONS.RepositoryNotAllowed, message };
}
