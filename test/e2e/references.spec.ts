import { fileURLToPath } from 'node:url';
import { findCondition } from '../../src/api/meta/condition.js';
import type { AgentRun } from '../../src/api/v1alpha1/agent-run.types.js';
import { type Applied, anAgent, anImplementation, aMemory, aProvider, aRun } from '../support/run-objects.js';
import { RunScene } from '../support/run-scene.js';
import { statesOf } from '../support/run-states.js';

const MINUTES = 60_000;
const SEED = fileURLToPath(new URL('../../examples/seed/', import.meta.url));

let scene: RunScene;

beforeAll(async () => {
  scene = await RunScene.create('references');
}, 3 * MINUTES);

afterAll(() => scene.delete(), 3 * MINUTES);

/** Every order of three things. */
function orders<T>([a, b, c]: readonly [T, T, T]): [T, T, T][] {
  return [
    [a, b, c],
    [a, c, b],
    [b, a, c],
    [b, c, a],
    [c, a, b],
    [c, b, a],
  ];
}

function blockedBy({ status }: AgentRun): { reason: string; message: string } | undefined {
  const blocked = findCondition(status?.conditions, 'Blocked');
  return blocked?.status === 'True' ? blocked : undefined;
}

/** Creates files as a person would, and gives the name of the run among them. */
async function create(...files: readonly string[]): Promise<string> {
  const names = await scene.installation.kubectl(['create', '--output=name', ...files.flatMap((file) => ['-f', file])]);
  return /^agentrun\S*\/(.*)$/m.exec(names)?.[1] ?? '';
}

describe("the seed's examples", () => {
  afterEach(() =>
    scene.installation.kubectl(['delete', 'agentruns,agents,agentproviders,implementationspecs,memories', '--all']),
  );

  it.each(orders(['agent.yaml', 'agent-run.yaml', 'implementation-spec.yaml']))(
    'wait for codex-runner when they are created in the order %s, %s, %s',
    async (...files) => {
      const name = await create(...files.map((file) => SEED + file));
      const run = await scene.runs.reached(name, (version) => blockedBy(version)?.reason === 'ProviderNotFound');
      expect(run.status?.phase).toBe('Pending');
      expect(blockedBy(run)?.message).toBe(
        'AgentProvider "codex-runner" (spec.providerRef of Agent "codex-agent") is not in this namespace; create it, the run then goes on',
      );
    },
    MINUTES,
  );

  it(
    'name what they wait for, one after the other',
    async () => {
      const name = await create(SEED);
      await scene.became(name, 'Blocked', 'ProviderNotFound');
      expect(await scene.event(name, 'Blocked')).toMatchObject({
        type: 'Warning',
        note: expect.stringMatching(/^ProviderNotFound: AgentProvider "codex-runner"/) as string,
      });

      await scene.apply(aProvider('codex-runner'));
      const withoutMemory = await scene.became(name, 'Blocked', 'MemoryNotFound');
      expect(blockedBy(withoutMemory)?.message).toContain(
        'Memory "default-memory" (spec.memoryRef of Agent "codex-agent")',
      );

      await scene.apply(aMemory('default-memory'));
      const withoutRuntime = await scene.became(name, 'Blocked', 'RuntimeNotSupported');
      expect(blockedBy(withoutRuntime)?.message).toContain('spec.runtime.type "custom" of Agent "codex-agent"');
      expect(statesOf(scene.runs.versions(name))).toEqual(['blocked']);
      expect([...scene.made(withoutRuntime), ...(await scene.children(withoutRuntime))]).toEqual([]);
    },
    MINUTES,
  );
});

describe('a run that is there before its references', () => {
  const CHOSEN = orders(['agent', 'provider', 'implementation']).map((order, index) => ({
    name: `order-${index + 1}`,
    order: order.join(', '),
    kinds: order,
  }));

  beforeAll(async () => {
    await scene.apply(...CHOSEN.map(({ name }) => runOf(name)));
    await Promise.all(CHOSEN.map(({ name }) => scene.became(name, 'Blocked', 'AgentNotFound')));
    for (let step = 0; step < 3; step += 1) {
      await scene.apply(...CHOSEN.map(({ name, kinds }) => referenceOf(name, kinds[step] ?? '')));
    }
  }, MINUTES);

  it.each(CHOSEN)(
    'ends Succeeded after $order',
    async ({ name }) => {
      const run = await scene.finished(name);
      expect(statesOf(scene.runs.versions(name))).toEqual(['blocked', 'submitted', 'running', 'succeeded']);
      expect(scene.made(run)).toHaveLength(2);
    },
    MINUTES,
  );

  it('keeps the invariants all the time', () => {
    expect(() => scene.checkInvariants()).not.toThrow();
  });
});

function runOf(name: string): Applied {
  return aRun(name, 'sleep 1', { agentRef: { name }, implementationRef: { name } });
}

function referenceOf(name: string, kind: string): Applied {
  if (kind === 'agent') return anAgent(name, { providerRef: { name } });
  return kind === 'provider' ? aProvider(name) : anImplementation(name, { text: 'Do as the script says.' });
}
