export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** What a request is about, read from its path; for error messages and metric labels. */
export interface RequestTarget {
  /** Verb as the API server's authoriser names it: get, list, watch, create, update, patch or delete. */
  verb: string;
  /** E.g. `agentruns team-a/nightly`, `agentruns/status team-a/nightly`, `pods team-a`, `pods`. */
  text: string;
}

const VERBS: Record<Exclude<Method, 'GET'>, string> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** Reads verb, resource, namespace and name from an API path such as `/apis/batch/v1/namespaces/ns/jobs/name`. */
export function requestTarget(method: Method, path: string, watch: boolean): RequestTarget {
  const parts = path.split('/').filter((part) => part !== '');
  const rest = parts.slice(parts[0] === 'api' ? 2 : 3);
  const namespace = rest[0] === 'namespaces' && rest.length > 2 ? rest[1] : undefined;
  const [plural, name, subresource] = namespace === undefined ? rest : rest.slice(2);
  const resource = subresource === undefined ? (plural ?? path) : `${plural ?? ''}/${subresource}`;
  const where = [namespace, name].filter((part) => part !== undefined).join('/');
  return { verb: verbOf(method, name, watch), text: where === '' ? resource : `${resource} ${where}` };
}

function verbOf(method: Method, name: string | undefined, watch: boolean): string {
  if (method !== 'GET') return VERBS[method];
  if (watch) return 'watch';
  return name === undefined ? 'list' : 'get';
}
