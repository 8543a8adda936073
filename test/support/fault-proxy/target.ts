import type { Match } from './fault.js';

/** A verb as the API server's authoriser names it. */
export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

/** What a request, or an event of a watch, is about. */
export interface Target {
  readonly verb: Verb;
  /** Plural; for a path that is no resource's, the path. */
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
}

const VERBS: Readonly<Record<string, Verb>> = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };

/**
 * Reads a request as the API server's RequestInfo does.
 *
 * @param url path and query
 * @param body of a creation: it names the object
 */
export function targetOf(method: string, url: string, body: string): Target {
  const { pathname, searchParams } = new URL(url, 'https://server');
  const parts = pathname.split('/').filter((part) => part !== '');
  const rest = parts.slice(parts[0] === 'api' ? 2 : 3);
  if ((parts[0] !== 'api' && parts[0] !== 'apis') || rest.length === 0) return { verb: 'get', resource: pathname };
  const namespace = rest[0] === 'namespaces' && rest.length > 2 ? rest[1] : undefined;
  const [resource = '', inPath, subresource] = namespace === undefined ? rest : rest.slice(2);
  const selected = /(?:^|,)metadata\.name=([^,]+)/.exec(searchParams.get('fieldSelector') ?? '')?.[1];
  const name = inPath ?? (method === 'POST' ? nameIn(body) : selected);
  return {
    verb: verbOf(method, inPath !== undefined, searchParams.get('watch')),
    resource,
    ...(subresource === undefined ? {} : { subresource }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
  };
}

function verbOf(method: string, named: boolean, watch: string | null): Verb {
  if (watch === 'true' || watch === '1') return 'watch';
  if (method === 'DELETE' && !named) return 'deletecollection';
  return VERBS[method] ?? (named ? 'get' : 'list');
}

function nameIn(body: string): string | undefined {
  try {
    return (JSON.parse(body) as { metadata?: { name?: string } }).metadata?.name;
  } catch {
    return undefined;
  }
}

export function fits(match: Match, target: Target): boolean {
  const { verb, resource, subresource, namespace, name } = match;
  return (
    (verb === undefined || [verb].flat().includes(target.verb)) &&
    (resource === undefined || resource === target.resource) &&
    (subresource === undefined || subresource === (target.subresource ?? '')) &&
    (namespace === undefined || namespace === target.namespace) &&
    (name === undefined || name === target.name)
  );
}
