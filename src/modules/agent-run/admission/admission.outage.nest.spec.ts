import { describe, expect, it } from '@jest/globals';
import {
  AdmissionScene as Scene,
  between,
  four,
  named,
  one,
  START,
  three,
  two,
  withStatus,
} from '../../../../test/support/admission-scene.js';
import { anAgent } from '../../../../test/support/builders/objects.js';
import { AGENT_RUNS, AGENTS } from '../../kubernetes/resource.js';

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
