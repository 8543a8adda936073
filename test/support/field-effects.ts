import { expect } from '@jest/globals';
import type { V1Container, V1EnvVar, V1Job } from '@kubernetes/client-node';
import type { AgentSpec } from '../../src/api/v1alpha1/agent.types.js';
import type { AgentProviderSpec } from '../../src/api/v1alpha1/agent-provider.types.js';
import type { AgentRunSpec } from '../../src/api/v1alpha1/agent-run.types.js';
import type { ImplementationSpecSpec } from '../../src/api/v1alpha1/implementation-spec.types.js';
import type { MemorySpec } from '../../src/api/v1alpha1/memory.types.js';
import { resolveExecution } from '../../src/modules/agent-run/execution.resolve.js';
import { resolvedOf } from '../../src/modules/agent-run/frozen.manifest.js';
import { jobManifest } from '../../src/modules/runtime/job/job.manifest.js';
import { aMemory, anAgent, anImplementation, aProvider, aRun } from './builders/objects.js';
import { operatorDefaults } from './builders/operator.js';

/** What a row sets of a run and of what it refers to. */
export interface Parts {
  run?: Partial<AgentRunSpec>;
  agent?: Partial<AgentSpec>;
  provider?: Partial<AgentProviderSpec>;
  implementation?: Partial<ImplementationSpecSpec>;
  memory?: Partial<MemorySpec>;
}

/** A field by its tag, what sets it, and what only then is in the workload. */
export type FieldRow = [name: string, parts: Parts, expected: object];

/** One toleration with every field. */
export const tolerations = [
  {
    key: 'dedicated',
    operator: 'Equal' as const,
    value: 'agents',
    effect: 'NoExecute' as const,
    tolerationSeconds: 60,
  },
];

/** Where an implementation came from. */
export const source = { provider: 'custom' as const, externalId: 'T-1', url: 'https://tracker.example/T-1' };

/** Words of an implementation with every field. */
export const content = { summary: 's', description: 'd', acceptanceCriteria: ['a', 'b'], labels: ['x'], source };

const byName = <T extends { name: string }>(list: readonly T[] | undefined): Record<string, T> =>
  Object.fromEntries((list ?? []).map((item) => [item.name, item]));

/** A container with its variables and mounts by name, so that a row can name one of them. */
const container = (of: V1Container | undefined) => ({
  ...of,
  env: byName<V1EnvVar>(of?.env),
  mounts: byName(of?.volumeMounts),
});

/** What the parts become: the Job and its pod, and the two files that the runner and the agent read. */
function workload({ run, agent, provider, implementation, memory }: Parts) {
  const references = {
    agent: anAgent(agent),
    provider: aProvider(provider),
    ...(run?.implementation === undefined && { implementation: anImplementation(implementation) }),
    ...(memory && { memory: aMemory('notes', memory) }),
    runtime: 'job' as const,
  };
  const asked = aRun(run);
  const resolution = resolveExecution(asked, references, operatorDefaults());
  if (resolution.kind !== 'ready') return resolution;
  const { execution } = resolution;
  const { name, namespace = '', uid } = asked.metadata;
  const identity = { run: { name, namespace, uid }, attempt: 1, owner: {} as never };
  const job = jobManifest({ ...identity, execution, configMapName: 'frozen' }) as V1Job;
  const pod = job.spec!.template.spec!;
  return {
    job: job.metadata!,
    template: job.spec!.template.metadata!,
    pod,
    volumes: byName(pod.volumes),
    agent: container(pod.containers[0]),
    checkout: container(pod.initContainers!.at(-1)),
    steps: pod.initContainers!.map((step) => step.name),
    runner: execution.runnerSpec,
    input: execution.input,
    resolved: resolvedOf(execution),
  };
}

/** An expectation that holds without the field as well would prove nothing about it. */
export function expectOf(parts: Parts, expected: object): void {
  expect(workload(parts)).toMatchObject(expected);
  expect(workload({})).not.toMatchObject(expected);
}
