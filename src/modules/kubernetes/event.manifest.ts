import { childName } from '../../api/meta/names.js';
import type { KubernetesObject } from '../../api/meta/object.js';
import { boundText } from '../../api/meta/text.js';

/** What happened to an object, for people: `kubectl describe` shows it. */
export interface EventInput {
  readonly type: 'Normal' | 'Warning';
  /** Why, in UpperCamelCase; what people filter by. */
  readonly reason: string;
  /** What was done or tried, in UpperCamelCase. */
  readonly action: string;
  /** One sentence; cut to 1 KiB, the API's own bound. */
  readonly note: string;
}

/** The object an event is about, without the rest of it: events are kept for minutes, objects can be large. */
export interface Regarding {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
}

/** One event and its repetitions. */
export interface EventOccurrence {
  readonly regarding: Regarding;
  readonly input: EventInput;
  readonly firstAt: Date;
  readonly lastAt: Date;
  readonly count: number;
}

const REPORTING_CONTROLLER = 'agents.proompteng.ai/jangar';

/** Bound of reportingInstance, reason and action in the API's validation. */
const MAX_FIELD_LENGTH = 128;

export function regardingOf({ apiVersion, kind, metadata }: KubernetesObject): Regarding {
  const { namespace, name, uid, resourceVersion } = metadata;
  return { apiVersion, kind, namespace, name, uid, resourceVersion };
}

/** Equal for events that differ only in time: these are repetitions of one. */
export function seriesKey(regarding: Regarding, { type, reason, action, note }: EventInput): string {
  return JSON.stringify([regarding.uid, type, reason, action, note]);
}

/** Name of the Event object: the same for each try to create it, so that a lost answer does not make two. */
export function eventName({ regarding, input, firstAt }: EventOccurrence, instance: string): string {
  const identity = `${seriesKey(regarding, input)} ${firstAt.toISOString()} ${instance}`;
  return childName(regarding.name, identity, 'event');
}

/** Events of objects without a namespace belong to `default`, as everywhere in Kubernetes. */
export function eventNamespace(regarding: Regarding): string {
  return regarding.namespace ?? 'default';
}

/**
 * Body to create, see https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/.
 *
 * @param instance who reports: the name of this replica
 */
export function eventManifest(occurrence: EventOccurrence, instance: string): object {
  const { regarding, input, firstAt } = occurrence;
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: eventName(occurrence, instance), namespace: eventNamespace(regarding) },
    eventTime: microTime(firstAt),
    reportingController: REPORTING_CONTROLLER,
    reportingInstance: instance.slice(0, MAX_FIELD_LENGTH),
    type: input.type,
    reason: input.reason.slice(0, MAX_FIELD_LENGTH),
    action: input.action.slice(0, MAX_FIELD_LENGTH),
    note: boundText(input.note),
    regarding,
    ...seriesPatch(occurrence),
  };
}

/** Merge patch that brings an Event up to date; empty for a first occurrence. */
export function seriesPatch({ count, lastAt }: EventOccurrence): object {
  return count < 2 ? {} : { series: { count, lastObservedTime: microTime(lastAt) } };
}

/** metav1.MicroTime: exactly six decimals, or the API server does not parse it. */
function microTime(time: Date): string {
  return time.toISOString().replace('Z', '000Z');
}
