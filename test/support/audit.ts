import type { AuditEvent } from './cluster.js';

const READS = ['get', 'list', 'watch'];

/**
 * Who had a create of a resource accepted; `events` are of one namespace. How many objects were created cannot be read
 * here: a client that is killed before it has its answer leaves a line without 201 for a create that happened.
 */
export function creatorsOf(resource: string, events: readonly AuditEvent[]): string[] {
  const accepted = events.filter(
    ({ verb, objectRef, responseStatus }) =>
      verb === 'create' &&
      responseStatus?.code === 201 &&
      objectRef?.resource === resource &&
      objectRef.subresource === undefined,
  );
  return [...new Set(accepted.map(({ user }) => user.username))].toSorted();
}

/** Every request but reads that a user made in a span of the API server's time, refused ones too, as `verb resource name`. */
export function writesOf(
  username: string,
  span: { readonly from: Date; readonly to: Date },
  events: readonly AuditEvent[],
): string[] {
  return events.flatMap(({ verb, objectRef, user, stage, requestReceivedTimestamp }) => {
    const at = new Date(requestReceivedTimestamp);
    if (user.username !== username || stage !== 'ResponseComplete' || READS.includes(verb)) return [];
    if (at < span.from || at > span.to) return [];
    const resource = [objectRef?.resource, objectRef?.subresource].filter((part) => part !== undefined).join('/');
    return [`${verb} ${resource} ${objectRef?.name ?? ''}`];
  });
}
