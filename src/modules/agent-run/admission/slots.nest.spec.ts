import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { anAgent, anImplementation, aProvider, aRun } from '../../../../test/support/builders/objects.js';
import { SlotWorld } from '../../../../test/support/slot-world.js';
import type { KubernetesObject } from '../../../api/meta/object.js';
import type { Agent } from '../../../api/v1alpha1/agent.types.js';
import type { AgentRun } from '../../../api/v1alpha1/agent-run.types.js';
import { AGENT_PROVIDERS, AGENT_RUNS, AGENTS, IMPLEMENTATION_SPECS } from '../../kubernetes/resource.js';

const LIMITS = { maxRuns: 3, maxRunsPerNamespace: 2, maxRunsPerAgent: 2, pauseProbeSeconds: 60 };
const NAMESPACES = ['team-a', 'team-b'];

function within<T extends KubernetesObject>(namespace: string, object: T): T {
  return { ...object, metadata: { ...object.metadata, namespace, uid: `${object.metadata.uid}-${namespace}` } };
}

/** Four runs in each of two namespaces. */
function aWorld(): SlotWorld {
  const world = new SlotWorld(LIMITS);
  for (const namespace of NAMESPACES) {
    world.cluster.put(AGENTS, within(namespace, anAgent()));
    world.cluster.put(AGENT_PROVIDERS, within(namespace, aProvider()));
    world.cluster.put(IMPLEMENTATION_SPECS, within(namespace, anImplementation()));
    for (const n of [1, 2, 3, 4]) {
      const run = aRun({}, undefined, { name: `run-${n}`, uid: `uid-run-${n}` });
      world.cluster.put(AGENT_RUNS, within(namespace, run));
    }
  }
  world.start();
  return world;
}

/** What people do to a run. */
const CHANGES: Readonly<Record<string, (world: SlotWorld, run: AgentRun) => void>> = {
  annotate: (world, run) =>
    world.cluster.put(AGENT_RUNS, { ...run, metadata: { ...run.metadata, annotations: { touched: 'yes' } } }),
  cancel: (world, run) => world.cluster.put(AGENT_RUNS, { ...run, spec: { ...run.spec, cancel: true } } as AgentRun),
  prioritise: (world, run) => world.cluster.put(AGENT_RUNS, { ...run, spec: { ...run.spec, priority: 1 } } as AgentRun),
  delete: (world, { metadata }) => world.cluster.remove(AGENT_RUNS, metadata.namespace ?? '', metadata.name),
};

/** Takes an Agent's readiness away, or gives it back. */
function toggleAgent(world: SlotWorld, which: number): void {
  const namespace = NAMESPACES[which % NAMESPACES.length]!;
  const agent = world.cluster.read(AGENTS, namespace, 'coder')!;
  const unready = agent.status?.conditions?.[0]?.status === 'True';
  const next = within(namespace, anAgent());
  const conditions = next.status!.conditions!.map((ready) => ({
    ...ready,
    status: unready ? ('False' as const) : ('True' as const),
  }));
  world.cluster.put(AGENTS, { ...next, status: { ...next.status, conditions } } as Agent);
}

type Step = readonly [what: string, which: number];

async function take(world: SlotWorld, [what, which]: Step): Promise<void> {
  const runs = world.unfinished();
  const run = runs[which % Math.max(runs.length, 1)];
  if (what === 'pass') await world.pass(which);
  else if (what === 'deliver') world.deliver(which);
  else if (what === 'succeed') world.end(which, 'Complete');
  else if (what === 'fail') world.end(which, 'Failed');
  else if (what === 'day') await world.nextDay();
  else if (what === 'agent') toggleAgent(world, which);
  else if (run) CHANGES[what]?.(world, run);
}

function checkLimits(world: SlotWorld): void {
  const live = world.live();
  expect(live.length).toBeLessThanOrEqual(LIMITS.maxRuns);
  for (const namespace of NAMESPACES) {
    const here = live.filter(({ metadata }) => metadata.namespace === namespace);
    expect(here.length).toBeLessThanOrEqual(LIMITS.maxRunsPerNamespace);
  }
}

/** Lets everything happen that is still to happen. */
async function settle(world: SlotWorld): Promise<void> {
  for (const which of [0, 1]) {
    const namespace = NAMESPACES[which]!;
    const [ready] = world.cluster.read(AGENTS, namespace, 'coder')?.status?.conditions ?? [];
    if (ready?.status !== 'True') toggleAgent(world, which);
  }
  for (let day = 0; day < 60; day += 1) {
    world.deliverAll();
    for (let passes = 0; world.queue.size > 0; passes += 1) {
      expect(passes).toBeLessThan(500);
      await world.pass(0);
      checkLimits(world);
      world.deliverAll();
    }
    if (world.unfinished().length === 0) return;
    world.end(0, 'Complete');
    await world.nextDay();
  }
}

const steps = fc.array(
  fc.tuple(
    fc.oneof(
      { weight: 12, arbitrary: fc.constantFrom('pass', 'deliver') },
      { weight: 3, arbitrary: fc.constantFrom('succeed', 'fail', 'day') },
      { weight: 2, arbitrary: fc.constantFrom('agent', ...Object.keys(CHANGES)) },
    ),
    fc.nat(20),
  ),
  { minLength: 40, maxLength: 120 },
);

describe('however late the caches hear of what happens', () => {
  it('no more workloads live than there are slots, and every run gets one in the end', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (history) => {
        const world = aWorld();
        for (const step of history) {
          await take(world, step);
          // Nothing else makes a workload.
          if (step[0] === 'pass') checkLimits(world);
        }
        await settle(world);
        expect(world.unfinished().map(({ metadata, status }) => [metadata.name, status?.reason])).toEqual([]);
        expect(world.admission.tally().filter(({ held, waiting }) => held + waiting > 0)).toEqual([]);
      }),
      { numRuns: 12, endOnFailure: true },
    );
  }, 60_000);
});
