import { describe, expect, it } from '@jest/globals';
import { anAgent, aRun } from '../../../../test/support/builders/objects.js';
import { CacheFeed } from '../../../../test/support/cache-feed.js';
import { FakeClock } from '../../../../test/support/fake-clock.js';
import { keyOf } from '../../../api/meta/key.js';
import type { AgentRunStatus, RunAttempt } from '../../../api/v1alpha1/agent-run-status.types.js';
import type { AgentRun, AgentRunSpec } from '../../../api/v1alpha1/agent-run.types.js';
import type { FailureClass } from '../../../api/v1alpha1/failure-class.js';
import type { Config } from '../../config/config.js';
import { AGENT_RUNS, AGENTS } from '../../kubernetes/resource.js';
import type { RuntimeAdapters } from '../../runtime/runtime-adapters.js';
import { AgentOutages } from '../agent-outages.js';
import { RunCaches } from '../run-caches.js';
import { Admission } from './admission.js';

const LIMITS = { maxRuns: 2, maxRunsPerNamespace: 2, maxRunsPerAgent: 2, pauseProbeSeconds: 60 };
const START = new Date('2026-01-02T00:00:00Z');

/** The part of the control plane that shares out slots, over caches that a test feeds. */
class Scene {
  readonly feed = new CacheFeed();
  readonly clock = new FakeClock(START);
  /** Keys that were woken since the last look. */
  woken: string[] = [];
  /** Names of runs that have a workload which their status does not tell of. */
  readonly leftBehind = new Set<string>();
  readonly admission: Admission;

  constructor(limits: Partial<typeof LIMITS> = {}) {
    const config = { admission: { ...LIMITS, ...limits } } as Config;
    const caches = new RunCaches(this.feed.informers);
    const adapters = {
      observe: ({ run }: { run: { name: string } }) => ({
        state: this.leftBehind.has(run.name) ? 'running' : 'absent',
      }),
    } as unknown as RuntimeAdapters;
    const outages = new AgentOutages(caches, config, this.clock);
    this.admission = new Admission(caches, adapters, outages, config, this.clock);
    this.feed.put(AGENTS, anAgent());
  }

  start(): this {
    this.admission.start((key) => this.woken.push(key.replace('team-a/', '')));
    return this;
  }

  /** What the pass over a run that is ready comes to. */
  ask(run: AgentRun): string {
    const admitted = this.admission.request(run);
    if (admitted.kind === 'queued') this.put(withStatus(run, { phase: 'Pending', reason: admitted.reason }));
    return admitted.kind === 'queued' ? admitted.reason : admitted.kind;
  }

  /** The run asks, and its workload is made and written down. */
  submit(run: AgentRun): void {
    expect(this.ask(run)).toBe('granted');
    this.put(running(run, this.now()));
  }

  end(run: AgentRun, failureClass?: FailureClass, submittedAt = this.now()): void {
    this.put(over(run, { submittedAt, finishedAt: this.now(), ...(failureClass && { failureClass }) }));
  }

  put(run: AgentRun): void {
    this.feed.put(AGENT_RUNS, run);
  }

  now(): string {
    return this.clock.now().toISOString().replace('.000', '');
  }

  takeWoken(): string[] {
    return this.woken.splice(0);
  }
}

function named(name: string, second: number, spec: Partial<AgentRunSpec> = {}): AgentRun {
  return aRun(spec, undefined, { name, uid: `uid-${name}`, creationTimestamp: `2026-01-01T00:00:0${second}Z` });
}

const [one, two, three, four] = [named('one', 1), named('two', 2), named('three', 3), named('four', 4)] as const;

function withStatus(run: AgentRun, status: AgentRunStatus): AgentRun {
  return { ...run, status };
}

function running(run: AgentRun, submittedAt: string): AgentRun {
  return withStatus(run, { phase: 'Running', reason: 'Running', submittedAt, attempts: [{ number: 1, submittedAt }] });
}

function between(run: AgentRun, attempt: Partial<RunAttempt> = {}): AgentRun {
  const times = { submittedAt: '2026-01-01T01:00:00Z', finishedAt: '2026-01-01T01:01:00Z' };
  return withStatus(run, {
    phase: 'Running',
    reason: 'Retrying',
    submittedAt: times.submittedAt,
    attempts: [{ number: 1, ...times, failureClass: 'Evicted', ...attempt }],
  });
}

function over(run: AgentRun, status: AgentRunStatus): AgentRun {
  const phase = status.failureClass === undefined ? 'Succeeded' : 'Failed';
  const lastTransitionTime = status.finishedAt ?? '';
  const conditions = [{ type: 'Finished', status: 'True' as const, reason: phase, message: '', lastTransitionTime }];
  return withStatus(run, { phase, conditions, ...status });
}

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

describe('while the service of an agent turns its runs away', () => {
  const failing = [5, 6, 7].map((second) => named(`failed-${second}`, second));
  const waiting = [one, two, three];

  /** Three runs have failed at once, and three more wait and were told so. */
  async function outage(): Promise<Scene> {
    const scene = new Scene({ maxRuns: 10, maxRunsPerNamespace: 10, maxRunsPerAgent: 3 }).start();
    for (const run of failing) scene.submit(run);
    for (const run of waiting) scene.ask(run);
    await scene.clock.advance(1000);
    for (const run of failing) scene.end(run, 'AuthFailed', START.toISOString());
    return scene;
  }

  async function toldSo(): Promise<Scene> {
    const scene = await outage();
    for (const run of waiting) scene.ask(run);
    scene.takeWoken();
    return scene;
  }

  it('none of them is submitted, nor one whose slot was given before that was known', async () => {
    const scene = await outage();
    expect([...waiting, four].map((run) => scene.ask(run))).toEqual(Array(4).fill('AgentPaused'));
  });

  it('each that waits is woken once, to be told so', async () => {
    const scene = await outage();
    expect(scene.takeWoken()).toEqual(['one', 'two', 'three']);
    for (const run of waiting) scene.ask(run);
    expect(scene.takeWoken()).toEqual([]);
  });

  it('one is tried after the back-off, and the next after twice that', async () => {
    const scene = await toldSo();
    await scene.clock.advance(58_000);
    expect(scene.takeWoken()).toEqual([]);
    await scene.clock.advance(2000);
    expect(scene.takeWoken()).toEqual(['one']);
    scene.submit(one);
    await scene.clock.advance(600_000);
    expect(scene.ask(two)).toBe('AgentPaused');
    scene.end(one, 'AuthFailed', new Date(START.getTime() + 61_000).toISOString());
    expect(scene.ask(two)).toBe('AgentPaused');
    await scene.clock.advance(119_000);
    expect(scene.takeWoken()).toEqual([]);
    await scene.clock.advance(1000);
    expect(scene.takeWoken()).toEqual(['two']);
  });

  it('the next one is tried at once when the first came to nothing', async () => {
    const scene = await toldSo();
    await scene.clock.advance(61_000);
    expect(scene.takeWoken()).toEqual(['one']);
    scene.feed.remove(AGENT_RUNS, one);
    expect(scene.takeWoken()).toEqual(['two']);
  });

  it('all others go on when one gets through, and are told that they are only queued', async () => {
    const scene = await toldSo();
    await scene.clock.advance(61_000);
    scene.submit(one);
    scene.takeWoken();
    scene.end(one);
    expect(new Set(scene.takeWoken())).toEqual(new Set(['two', 'three']));
    expect([two, three, four, named('eight', 8)].map((run) => scene.ask(run))).toEqual([
      'granted',
      'granted',
      'granted',
      'Queued',
    ]);
  });

  it('a retry waits as well', async () => {
    const scene = await toldSo();
    expect(scene.ask(between(named('again', 1)))).toBe('AgentPaused');
  });

  it('the runs of other agents do not wait', async () => {
    const scene = await toldSo();
    const other = { ...anAgent(), metadata: { ...anAgent().metadata, name: 'other', uid: 'uid-other' } };
    scene.feed.put(AGENTS, other);
    expect(scene.ask(named('theirs', 9, { agentRef: { name: 'other' } }))).toBe('granted');
  });

  it('one is tried at once when the Agent was changed: its credentials, perhaps', async () => {
    const scene = await toldSo();
    const agent = anAgent();
    scene.feed.put(AGENTS, { ...agent, metadata: { ...agent.metadata, generation: 2 } });
    expect(scene.takeWoken()).toEqual(['one']);
  });

  it('an Agent that is made anew begins without a pause', async () => {
    const scene = await toldSo();
    const agent = anAgent();
    scene.feed.remove(AGENTS, agent);
    await scene.clock.advance(1000);
    const made = { ...agent.metadata, uid: 'uid-anew', creationTimestamp: scene.now() };
    scene.feed.put(AGENTS, { ...agent, metadata: made });
    expect([...waiting, four].map((run) => scene.ask(run))).toEqual(['granted', 'granted', 'granted', 'Queued']);
  });

  it('a process that begins to lead pauses it as well', async () => {
    const scene = new Scene();
    for (const run of failing) scene.end(run, 'QuotaExhausted', '2026-01-01T23:00:00Z');
    scene.put(withStatus(one, { reason: 'AgentPaused' }));
    await scene.clock.advance(1000);
    scene.start();
    expect(scene.takeWoken()).toEqual([]);
    expect(scene.ask(one)).toBe('AgentPaused');
    await scene.clock.advance(60_000);
    expect(scene.takeWoken()).toEqual(['one']);
  });

  it('no timer is left when the process ends', async () => {
    const scene = await toldSo();
    expect(scene.clock.pending()).toHaveLength(1);
    scene.admission.onApplicationShutdown();
    scene.ask(four);
    expect(scene.clock.pending()).toEqual([]);
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
