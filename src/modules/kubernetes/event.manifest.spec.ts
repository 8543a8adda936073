import {
  eventManifest,
  eventName,
  regardingOf,
  seriesKey,
  seriesPatch,
  type EventOccurrence,
} from './event.manifest.js';

const AT = new Date('2026-01-13T09:00:00.250Z');

const run = {
  apiVersion: 'agents.proompteng.ai/v1alpha1',
  kind: 'AgentRun',
  metadata: {
    name: 'nightly',
    namespace: 'team-a',
    uid: 'uid-1',
    resourceVersion: '7',
    creationTimestamp: '2026-01-13T08:00:00Z',
    labels: { large: 'yes' },
  },
};

const input = { type: 'Normal', reason: 'Started', action: 'Start', note: 'attempt 1 runs' } as const;

function occurrence(more: Partial<EventOccurrence> = {}): EventOccurrence {
  return { regarding: regardingOf(run), input, firstAt: AT, lastAt: AT, count: 1, ...more };
}

describe('eventManifest', () => {
  it('says what happened to which object and who reports it', () => {
    const event = occurrence();
    expect(eventManifest(event, 'jangar-0')).toEqual({
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name: eventName(event, 'jangar-0'), namespace: 'team-a' },
      eventTime: '2026-01-13T09:00:00.250000Z',
      reportingController: 'agents.proompteng.ai/jangar',
      reportingInstance: 'jangar-0',
      type: 'Normal',
      reason: 'Started',
      action: 'Start',
      note: 'attempt 1 runs',
      regarding: {
        apiVersion: 'agents.proompteng.ai/v1alpha1',
        kind: 'AgentRun',
        namespace: 'team-a',
        name: 'nightly',
        uid: 'uid-1',
        resourceVersion: '7',
      },
    });
  });

  it('keeps to the bounds of the API', () => {
    const long = { type: 'Warning', reason: 'R'.repeat(200), action: 'A'.repeat(200), note: 'ü'.repeat(2000) } as const;
    const event = eventManifest(occurrence({ input: long }), 'i'.repeat(200)) as Record<string, string>;
    expect([event.reason, event.action, event.reportingInstance].map((text) => text?.length)).toEqual([128, 128, 128]);
    expect(new TextEncoder().encode(event.note).length).toBeLessThanOrEqual(1024);
  });

  it('puts events of objects without a namespace into default', () => {
    const regarding = { ...regardingOf(run), namespace: undefined };
    expect(eventManifest(occurrence({ regarding }), 'x')).toMatchObject({ metadata: { namespace: 'default' } });
  });

  it('is a series from the start when it was repeated before it was written', () => {
    const lastAt = new Date('2026-01-13T09:01:00.000Z');
    const series = { count: 3, lastObservedTime: '2026-01-13T09:01:00.000000Z' };
    expect(eventManifest(occurrence({ count: 3, lastAt }), 'x')).toMatchObject({ series });
    expect(seriesPatch(occurrence({ count: 3, lastAt }))).toEqual({ series });
  });
});

describe('eventName', () => {
  it('is the same for each try and for each repetition', () => {
    expect(eventName(occurrence({ count: 9, lastAt: new Date(0) }), 'x')).toBe(eventName(occurrence(), 'x'));
  });

  it.each<[string, Partial<EventOccurrence>, string]>([
    ['another time', { firstAt: new Date(0) }, 'x'],
    ['another text', { input: { ...input, note: 'attempt 2 runs' } }, 'x'],
    ['another object', { regarding: { ...regardingOf(run), uid: 'uid-2' } }, 'x'],
    ['another reporter', {}, 'y'],
  ])('is another one for %s', (_name, more, instance) => {
    expect(eventName(occurrence(more), instance)).not.toBe(eventName(occurrence(), 'x'));
  });
});

describe('seriesKey', () => {
  it('does not depend on the state of the object', () => {
    const later = { ...regardingOf(run), resourceVersion: '8' };
    expect(seriesKey(later, input)).toBe(seriesKey(regardingOf(run), input));
  });
});
