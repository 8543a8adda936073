import type { AuditEvent } from './cluster.js';

const READS = ['get', 'list', 'watch'];

/** How many objects of a resource were ever created, by who created them; `events` are of one namespace. */
export function creationsOf(resource: string, events: readonly AuditEvent[]): Record<string, number> {
  const creations: Record<string, number> = {};
  for (const { verb, objectRef, responseStatus, user } of events) {
    if (verb !== 'create' || responseStatus?.code !== 201) continue;
    if (objectRef?.resource !== resource || objectRef.subresource !== undefined) continue;
    creations[user.username] = (creations[user.username] ?? 0) + 1;
  }
  return creations;
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
