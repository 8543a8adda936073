import { RunnerFailure } from './runner-failure.js';

/** How a repository is reached; `http` never carries credentials. */
export interface Remote {
  /** As git takes it; without a password. */
  url: string;
  transport: 'https' | 'http' | 'ssh';
  /** `https://host[:port]`, the only place that gets the credentials of an https remote. */
  origin: string;
}

const SCP_LIKE = /^(?:[A-Za-z0-9._-]+@)?[A-Za-z0-9][A-Za-z0-9.-]*:(?!\/\/)[^\s]+$/;

/**
 * Admits https, http and ssh, the latter also as `user@host:path`. Everything else that git knows (files, `ext::`, `git://`,
 * helpers) runs commands, reads this container's files or is unauthenticated.
 * @throws RunnerFailure InvalidSpec
 */
export function parseRemote(url: string): Remote {
  if (SCP_LIKE.test(url) && !url.includes('::')) return { url, transport: 'ssh', origin: '' };
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const transport = parsed?.protocol.slice(0, -1);
  if (parsed === undefined || (transport !== 'https' && transport !== 'http' && transport !== 'ssh')) {
    throw invalid('must be an https, http or ssh URL, or user@host:path');
  }
  if (parsed.password !== '' || (transport !== 'ssh' && parsed.username !== '')) {
    throw invalid("must not hold credentials: they belong to the Agent's security.allowedRepositories");
  }
  if (parsed.hostname === '' || parsed.hostname.startsWith('-')) throw invalid('must name a host');
  return { url, transport, origin: `${parsed.protocol}//${parsed.host}` };
}

function invalid(text: string): RunnerFailure {
  return new RunnerFailure('InvalidSpec', `execution.coordinates.git.url ${text}`);
}
