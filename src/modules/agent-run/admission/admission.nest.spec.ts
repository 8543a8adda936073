import { describe, expect, it } from '@jest/globals';
import {
  AdmissionScene as Scene,
  between,
  four,
  named,
  one,
  over,
  running,
  three,
  two,
  withStatus,
} from '../../../../test/support/admission-scene.js';
import { anAgent } from '../../../../test/support/builders/objects.js';
import { keyOf } from '../../../api/meta/key.js';
import type { AgentRun } from '../../../api/v1alpha1/agent-run.types.js';
import { AGENT_RUNS, AGENTS } from '../../kubernetes/resource.js';

describe('a slot', () => {
  it('is granted as long as one is free, as often as it is asked for', () => {
    const scene = new Scene().start();
    expect([one, one, two, three, three].map((run) => scene.ask(run))).toEqual([
      'granted',
      'granted',
      'granted',
      'Queued',
      'Queued',
    ]);
    expect(scene.takeWoken()).toEqual([]);
  });

  it.each<[string, (scene: Scene) => void]>([
    ['when its run is over', (scene) => scene.end(one)],
    ['when its attempt has ended, before the next one', (scene) => scene.put(between(one))],
    ['when its run is deleted', (scene) => scene.feed.remove(AGENT_RUNS, one)],
  ])('is given to the run whose turn it is, which alone is woken, %s', (_name, free) => {
    const scene = new Scene().start();
    scene.submit(one);
    scene.submit(two);
    scene.ask(four);
    scene.ask(three);
    free(scene);
    expect(scene.takeWoken()).toEqual(['three']);
    expect(scene.ask(four)).toBe('Queued');
    expect(scene.ask(three)).toBe('granted');
  });

  it.each<[string, AgentRun]>([
    ['while the run stops', withStatus(one, { ...running(one, '2026-01-01T00:00:09Z').status, reason: 'Stopping' })],
    [
      'while its node does not answer',
      withStatus(one, { ...running(one, '2026-01-01T00:00:09Z').status, reason: 'NodeUnreachable' }),
    ],
    ['when its owner changes something else', running(named('one', 1, { priority: 3 }), '2026-01-01T00:00:09Z')],
  ])('is kept %s', (_name, run) => {
    const scene = new Scene({ maxRuns: 1 }).start();
    scene.submit(one);
    scene.ask(two);
    scene.put(run);
    expect(scene.takeWoken()).toEqual([]);
  });

  it('that was granted is kept until the status tells of the attempt, and no longer', () => {
    const scene = new Scene({ maxRuns: 1 }).start();
    const again = between(one);
    scene.put(again);
    expect(scene.ask(again)).toBe('granted');
    scene.put({ ...again, metadata: { ...again.metadata, annotations: { touched: 'yes' } } });
    expect(scene.ask(two)).toBe('Queued');
    scene.put(between(one, { number: 2 }));
    expect(scene.takeWoken()).toEqual(['two']);
  });

  it('of an attempt goes over to the next one when that is made before the cache has heard of the end', () => {
    const scene = new Scene({ maxRuns: 1 }).start();
    scene.submit(one);
    expect(scene.ask(between(one))).toBe('granted');
    scene.ask(two);
    scene.put(withStatus(one, { ...running(one, '2026-01-01T00:00:09Z').status, reason: 'Stopping' }));
    scene.put(between(one));
    expect(scene.takeWoken()).toEqual([]);
    scene.put(between(one, { number: 2 }));
    expect(scene.takeWoken()).toEqual(['two']);
  });

  it('that was given and not used goes to the next', () => {
    const scene = new Scene({ maxRuns: 1 }).start();
    scene.submit(one);
    scene.ask(two);
    scene.ask(three);
    scene.end(one);
    expect(scene.takeWoken()).toEqual(['two']);
    scene.admission.giveBack(keyOf(two.metadata));
    expect(scene.takeWoken()).toEqual(['three']);
    scene.admission.giveBack('team-a/unknown');
    expect(scene.ask(three)).toBe('granted');
  });

  it('of a running run is not given back by a pass over it', () => {
    const scene = new Scene({ maxRuns: 1 }).start();
    scene.submit(one);
    scene.ask(two);
    scene.admission.giveBack(keyOf(one.metadata));
    expect(scene.takeWoken()).toEqual([]);
  });

  it('of a run that is deleted and kept goes to the next once nothing of it lives', () => {
    const scene = new Scene({ maxRuns: 1 }).start();
    scene.submit(one);
    scene.ask(two);
    scene.admission.release(keyOf(one.metadata));
    expect(scene.takeWoken()).toEqual(['two']);
  });

  it('is not offered to a run that is being deleted, or waits for something else by now', () => {
    const scene = new Scene({ maxRuns: 1 }).start();
    scene.submit(one);
    for (const run of [two, three, four]) scene.ask(run);
    const queued = withStatus(two, { reason: 'Queued' });
    scene.put({ ...queued, metadata: { ...queued.metadata, deletionTimestamp: scene.now() } });
    scene.put(withStatus(three, { reason: 'AgentNotReady' }));
    scene.end(one);
    expect(scene.takeWoken()).toEqual(['four']);
  });

  it('more becomes free when the Agent allows it, and none while it allows none [Agent spec.limits.maxConcurrentRuns]', () => {
    const scene = new Scene().start();
    scene.feed.put(AGENTS, anAgent({ limits: { maxConcurrentRuns: 0 } }));
    expect(scene.ask(one)).toBe('Queued');
    scene.ask(two);
    scene.feed.put(AGENTS, anAgent({ limits: { maxConcurrentRuns: 1 } }));
    expect(scene.takeWoken().toSorted()).toEqual(['one', 'one', 'two']);
    expect([scene.ask(one), scene.ask(two)]).toEqual(['granted', 'Queued']);
  });

  it('goes to the run whose priority was raised while it waited [AgentRun spec.priority]', () => {
    const scene = new Scene({ maxRuns: 1 }).start();
    scene.submit(one);
    for (const run of [two, three]) scene.ask(run);
    scene.put(withStatus(named('three', 3, { priority: 1 }), { reason: 'Queued' }));
    scene.end(one);
    expect(scene.takeWoken()).toEqual(['three']);
  });

  it('is also given to the next attempt of a run whose Agent is gone', () => {
    const scene = new Scene({ maxRunsPerAgent: 1 }).start();
    scene.feed.remove(AGENTS, anAgent());
    expect(scene.ask(between(one))).toBe('granted');
    expect(scene.ask(between(two))).toBe('Queued');
  });

  it('becomes free for the next attempt of a run when the Agent goes that allowed none', () => {
    const scene = new Scene().start();
    scene.feed.put(AGENTS, anAgent({ limits: { maxConcurrentRuns: 0 } }));
    expect(scene.ask(between(one))).toBe('Queued');
    scene.takeWoken();
    scene.feed.remove(AGENTS, anAgent());
    expect(scene.takeWoken()).toEqual(['one']);
    expect(scene.ask(between(one))).toBe('granted');
  });
});

describe('a process that begins to lead', () => {
  it('counts what runs, and goes on in the order that was', () => {
    const scene = new Scene({ maxRuns: 3, maxRunsPerNamespace: 3, maxRunsPerAgent: 3 });
    scene.put(withStatus(four, { reason: 'Queued' }));
    scene.put(running(one, '2026-01-01T00:00:09Z'));
    scene.put(withStatus(three, { reason: 'Queued' }));
    scene.put(withStatus(two, { reason: 'Queued' }));
    scene.put(over(named('five', 5), { submittedAt: '2026-01-01T00:00:08Z', finishedAt: '2026-01-01T00:00:09Z' }));
    scene.start();
    expect(scene.takeWoken()).toEqual(['two', 'three']);
    expect(scene.ask(four)).toBe('Queued');
  });

  it('counts a workload that a crash has left without a status', () => {
    const scene = new Scene({ maxRuns: 1 });
    scene.leftBehind.add('two');
    scene.put(withStatus(one, { reason: 'Queued' }));
    scene.put(withStatus(two, { reason: 'Queued' }));
    scene.start();
    expect(scene.ask(one)).toBe('Queued');
    scene.put(running(two, scene.now()));
    scene.end(two);
    expect(scene.takeWoken()).toEqual(['one']);
  });
});

it('tells how many runs hold a slot and wait, by agent', () => {
  const scene = new Scene({ maxRuns: 1 }).start();
  scene.submit(one);
  scene.ask(two);
  expect(scene.admission.tally()).toEqual([
    { namespace: 'team-a', agent: 'coder', held: 1, waiting: 1, reason: 'Queued' },
  ]);
});
