import type { AgentSpec } from '../../src/api/v1alpha1/agent.types.js';
import type { AgentProviderSpec } from '../../src/api/v1alpha1/agent-provider.types.js';
import type { ResolvedRun } from '../../src/api/v1alpha1/agent-run-status.types.js';
import type { AgentRunSpec } from '../../src/api/v1alpha1/agent-run.types.js';
import type { JobRuntime } from '../../src/api/v1alpha1/job-runtime.types.js';
import type { MemorySpec } from '../../src/api/v1alpha1/memory.types.js';
import type { ExecutionSpec } from '../../src/domain/execution-spec.js';

/** Who can say something about a run. */
export interface Said {
  run?: Partial<AgentRunSpec>;
  agent?: Partial<AgentSpec>;
  provider?: Partial<AgentProviderSpec>;
  /** The namespace's Memories by name. */
  memories?: Record<string, Partial<MemorySpec>>;
  /** The operator's environment. */
  env?: Record<string, string>;
}

/** One line of the table: for each of its cells who says it, and the value that counts when no cell before it is said. */
export interface Example {
  levels: readonly (readonly [said: Said, value: unknown])[];
  read: (execution: ExecutionSpec, resolved: ResolvedRun) => unknown;
}

export interface Line {
  what: string;
  cells: readonly string[];
  examples: Record<string, Example>;
}

const git = { url: 'https://git.example/team/app.git' };
export const workspaceImage = (image: string): Partial<AgentRunSpec> => ({
  execution: { coordinates: { git, workspace: { image } } },
});

/** A quantity of a resource, as a request or limit of the map or as the flat field that stands for it. */
const inMap = (map: 'requests' | 'limits', name: string, value: string) => ({ [map]: { [name]: value } });
const ofRun = (resources: object): Said => ({ run: { workload: { resources } } });
const ofAgent = (resources: object): Said => ({ agent: { resources } });

export function resource(map: 'requests' | 'limits', name: string, flat: string): Example {
  return {
    levels: [
      [ofRun(inMap(map, name, '4')), '4'],
      [ofRun({ [flat]: '3' }), '3'],
      [ofAgent(inMap(map, name, '2')), '2'],
      [ofAgent({ [flat]: '1' }), '1'],
    ],
    read: ({ resources }) => resources[map][name],
  };
}

export const otherResource = (map: 'requests' | 'limits', name: string): Example => ({
  levels: [
    [ofRun(inMap(map, name, '2')), '2'],
    [ofAgent(inMap(map, name, '1')), '1'],
    [{}, undefined],
  ],
  read: ({ resources }) => resources[map][name],
});

export function jobSetting<K extends keyof JobRuntime>(
  field: K,
  run: JobRuntime[K],
  agent: JobRuntime[K],
  none?: unknown,
) {
  const example: Example = {
    levels: [
      [{ run: { runtimeOverrides: { job: { [field]: run } } } }, run],
      [{ agent: { runtime: { type: 'job', job: { [field]: agent } } } }, agent],
      [{}, none],
    ],
    read: ({ job }) => job[field],
  };
  return { [field]: example };
}

export const podSetting = <K extends keyof ExecutionSpec['pod'] & keyof NonNullable<AgentSpec['pod']>>(
  field: K,
  agent: NonNullable<AgentSpec['pod']>[K],
  none: unknown,
) => ({
  [field]: {
    levels: [
      [{ agent: { pod: { [field]: agent } } }, agent],
      [{}, none],
    ],
    read: ({ pod }: ExecutionSpec) => pod[field],
  } satisfies Example,
});
