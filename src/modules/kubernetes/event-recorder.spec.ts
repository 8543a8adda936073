import { Logger } from '@nestjs/common';
import { FakeClock } from '../../../test/support/fake-clock.js';
import { ApiError, type StatusCause } from './api-error.js';
import type { KubernetesClient } from './client.js';
import { EventRecorder } from './event-recorder.js';

const run = {
  apiVersion: 'agents.proompteng.ai/v1alpha1',
  kind: 'AgentRun',
  metadata: {
    name: 'nightly',
    namespace: 'team-a',
    uid: 'uid-1',
    resourceVersion: '7',
    creationTimestamp: '2026-01-13T08:00:00Z',
  },
};
const note = (text: string) => ({ type: 'Normal', reason: 'Started', action: 'Start', note: text }) as const;

const refused = (code: number, reason: string, causes: StatusCause[] = []): ApiError =>
  new ApiError({ method: 'POST', target: 'events team-a', code, reason, causes });

type Answer = ApiError | 'hang' | undefined;

/** A recorder over a client that gives one answer after another, and success when there are none left. */
function recorderOf(...answers: Answer[]) {
  const calls: { verb: string; namespace: string; name: string; series: unknown }[] = [];
  const results: string[] = [];
  const clock = new FakeClock();
  const answer = (signal: AbortSignal): Promise<object> => {
    const next = answers.shift();
    if (next instanceof ApiError) return Promise.reject(next);
    if (next === undefined) return Promise.resolve({});
    return new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(refused(0, 'Aborted')));
    });
  };
  const client = {
    create: (
      _resource: unknown,
      namespace: string,
      body: { metadata: { name: string }; series?: unknown },
      signal: AbortSignal,
    ) => {
      calls.push({ verb: 'create', namespace, name: body.metadata.name, series: body.series });
      return answer(signal);
    },
    mergePatch: (
      _resource: unknown,
      namespace: string,
      name: string,
      patch: { series?: unknown },
      _options: unknown,
      signal: AbortSignal,
    ) => {
      calls.push({ verb: 'patch', namespace, name, series: patch.series });
      return answer(signal);
    },
  };
  const observer = { eventFinished: (result: string) => results.push(result) };
  const recorder = new EventRecorder(client as unknown as KubernetesClient, clock, () => 0.5, observer, {
    instance: 'jangar-0',
  });
  return { recorder, clock, calls, results, verbs: () => calls.map(({ verb }) => verb) };
}

beforeEach(() => {
  Logger.overrideLogger(false);
});

describe('EventRecorder', () => {
  it('writes an event in the namespace of its object', async () => {
    const { recorder, clock, calls, results } = recorderOf();
    recorder.record(run, note('one'));
    await clock.advance(0);
    expect(calls).toMatchObject([{ verb: 'create', namespace: 'team-a', series: undefined }]);
    expect(results).toEqual(['written']);
  });

  it('makes repetitions a series of the same event', async () => {
    const { recorder, clock, calls } = recorderOf();
    recorder.record(run, note('one'));
    await clock.advance(60_000);
    recorder.record(run, note('one'));
    await clock.advance(0);
    expect(calls[1]).toEqual({
      verb: 'patch',
      namespace: 'team-a',
      name: calls[0]?.name,
      series: { count: 2, lastObservedTime: '2026-01-13T09:01:00.000000Z' },
    });
  });

  it('makes a new object for a series whose event has expired', async () => {
    const { recorder, clock, calls, verbs } = recorderOf(undefined, refused(404, 'NotFound'));
    recorder.record(run, note('one'));
    await clock.advance(60_000);
    recorder.record(run, note('one'));
    await clock.advance(0);
    expect(verbs()).toEqual(['create', 'patch', 'create']);
    expect(calls[2]?.series).toMatchObject({ count: 2 });
  });

  it('tries again when the answer may come later, and takes what is there already for success', async () => {
    const { recorder, clock, calls, results } = recorderOf(refused(0, 'NetworkError'), refused(409, 'AlreadyExists'));
    recorder.record(run, note('one'));
    await clock.advance(999);
    expect(calls).toHaveLength(1);
    await clock.advance(1);
    expect(calls[1]?.name).toBe(calls[0]?.name);
    expect(results).toEqual(['written']);
  });

  it('waits as long as the server asks', async () => {
    const busy = new ApiError({ method: 'POST', target: 'events a', code: 429, reason: 'x', retryAfterMs: 20_000 });
    const { recorder, clock, calls } = recorderOf(busy);
    recorder.record(run, note('one'));
    await clock.advance(19_999);
    expect(calls).toHaveLength(1);
    await clock.advance(1);
    expect(calls).toHaveLength(2);
  });

  it('gives up after five tries and goes on with the next event', async () => {
    const { recorder, clock, calls, results } = recorderOf(
      ...Array.from({ length: 5 }, () => refused(500, 'InternalError')),
    );
    recorder.record(run, note('one'));
    recorder.record(run, note('two'));
    await clock.advance(60_000);
    expect(calls).toHaveLength(6);
    expect(results).toEqual(['failed', 'written']);
  });

  it.each<[string, ApiError]>([
    ['the namespace is being deleted', refused(403, 'Forbidden', [{ reason: 'NamespaceTerminating' }])],
    ['the namespace is gone', refused(404, 'NotFound')],
    ['the right is missing', refused(403, 'Forbidden')],
    ['it is not acceptable', refused(422, 'Invalid')],
  ])('drops an event at once when %s', async (_name, error) => {
    const { recorder, clock, calls, results } = recorderOf(error);
    recorder.record(run, note('one'));
    await clock.advance(60_000);
    expect(calls).toHaveLength(1);
    expect(results).toEqual(['failed']);
  });

  it('lets a burst pass and then ten a second', async () => {
    const { recorder, clock, calls } = recorderOf();
    for (let n = 0; n < 120; n += 1) recorder.record(run, note(String(n)));
    await clock.advance(0);
    expect(calls).toHaveLength(100);
    await clock.advance(1000);
    expect(calls).toHaveLength(110);
    await clock.advance(1000);
    expect(calls).toHaveLength(120);
  });

  it('never blocks and never throws when the queue is full', () => {
    const { recorder, results } = recorderOf('hang');
    for (let n = 0; n < 1500; n += 1) recorder.record(run, note(String(n)));
    expect(results.filter((result) => result === 'dropped')).toHaveLength(499);
  });
});

describe('stopping the EventRecorder', () => {
  it('writes what waits without regard to the pace', async () => {
    const { recorder, clock, calls } = recorderOf();
    for (let n = 0; n < 150; n += 1) recorder.record(run, note(String(n)));
    await clock.advance(0);
    await recorder.stop();
    expect(calls).toHaveLength(150);
    expect(clock.pending()).toEqual([]);
  });

  it('writes the last count of a series', async () => {
    const { recorder, clock, calls } = recorderOf();
    recorder.record(run, note('one'));
    await clock.advance(1000);
    recorder.record(run, note('one'));
    await recorder.stop();
    expect(calls[1]).toMatchObject({ verb: 'patch', series: { count: 2 } });
  });

  it('does not wait for a back-off', async () => {
    const { recorder, clock, results } = recorderOf(refused(500, 'InternalError'), refused(500, 'InternalError'));
    recorder.record(run, note('one'));
    await clock.advance(0);
    await recorder.stop();
    expect(results).toEqual(['failed']);
  });

  it('ends after three seconds, drops the rest and counts it', async () => {
    const { recorder, clock, calls, results } = recorderOf('hang');
    for (let n = 0; n < 4; n += 1) recorder.record(run, note(String(n)));
    const stopped = recorder.stop();
    await clock.advance(3000);
    await stopped;
    expect(calls).toHaveLength(1);
    expect(results).toEqual(['failed', 'dropped', 'dropped', 'dropped']);
  });

  it('takes nothing more afterwards, and may be asked twice', async () => {
    const { recorder, calls } = recorderOf();
    await recorder.stop();
    recorder.record(run, note('one'));
    await recorder.stop();
    expect(calls).toEqual([]);
  });
});
