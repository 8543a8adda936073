import { AgentProviderSpec, AgentProviderStatus } from './agent-provider.types.js';
import { AgentRunStatus } from './agent-run-status.types.js';
import { AgentRunSpec } from './agent-run.types.js';
import { AgentSpec, AgentStatus } from './agent.types.js';
import { ImplementationSourceSpec, ImplementationSourceStatus } from './implementation-source.types.js';
import { ImplementationSpecSpec, ImplementationSpecStatus } from './implementation-spec.types.js';
import { MemorySpec, MemoryStatus } from './memory.types.js';

/** A column of `kubectl get`; priority 1 shows only with `-o wide`. */
export interface Column {
  name: string;
  type: 'string' | 'integer' | 'boolean' | 'date';
  jsonPath: string;
  description: string;
  priority?: 1;
}

/** What makes one kind's CustomResourceDefinition beside the schemas of its classes. */
export interface KindDefinition {
  kind: string;
  plural: string;
  singular: string;
  shortNames: readonly string[];
  description: string;
  spec: abstract new () => object;
  status: abstract new () => object;
  columns: readonly Column[];
  /** Paths that `--field-selector` understands. */
  selectableFields: readonly string[];
}

const condition = (name: string, description: string): Column => ({
  name,
  type: 'string',
  jsonPath: `.status.conditions[?(@.type=="${name}")].status`,
  description,
});

const reasonOf = (type: string): Column => ({
  name: 'Reason',
  type: 'string',
  jsonPath: `.status.conditions[?(@.type=="${type}")].reason`,
  description: `Reason of the condition ${type}.`,
});

const AGE: Column = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description: 'Time since creation.',
};

/** Every kind of the group, in the order in which documents name them. */
export const DEFINITIONS: readonly KindDefinition[] = [
  {
    kind: 'Agent',
    plural: 'agents',
    singular: 'agent',
    shortNames: ['ag'],
    description:
      'Agent is the default configuration and policy of an agent. Who may write Agents can reach the Secrets of the namespace through them: Agents belong to admins, AgentRuns to users.',
    spec: AgentSpec,
    status: AgentStatus,
    columns: [
      { name: 'Provider', type: 'string', jsonPath: '.spec.providerRef.name', description: 'The AgentProvider.' },
      { name: 'Runtime', type: 'string', jsonPath: '.spec.runtime.type', description: 'Where runs are submitted to.' },
      condition('Ready', 'Whether its references are there and allowed.'),
      reasonOf('Ready'),
      AGE,
    ],
    selectableFields: ['.spec.providerRef.name'],
  },
  {
    kind: 'AgentProvider',
    plural: 'agentproviders',
    singular: 'agentprovider',
    shortNames: ['agp'],
    description: 'AgentProvider is how an agent is called: its program, arguments, environment, files and artifacts.',
    spec: AgentProviderSpec,
    status: AgentProviderStatus,
    columns: [
      { name: 'Binary', type: 'string', jsonPath: '.spec.binary', description: 'The program.' },
      condition('Ready', 'Whether every template is valid.'),
      reasonOf('Ready'),
      AGE,
    ],
    selectableFields: [],
  },
  {
    kind: 'AgentRun',
    plural: 'agentruns',
    singular: 'agentrun',
    shortNames: ['agr'],
    description: 'AgentRun is a single execution of an implementation by an Agent. Wait for its condition Finished.',
    spec: AgentRunSpec,
    status: AgentRunStatus,
    columns: [
      { name: 'Phase', type: 'string', jsonPath: '.status.phase', description: 'How far the run is.' },
      { name: 'Agent', type: 'string', jsonPath: '.spec.agentRef.name', description: 'The Agent.' },
      {
        name: 'Runtime',
        type: 'string',
        jsonPath: '.status.runtimeRef.type',
        description: 'Where it was submitted to.',
      },
      { name: 'Reason', type: 'string', jsonPath: '.status.reason', description: 'Why it is where it is.' },
      AGE,
      { name: 'Started', type: 'date', jsonPath: '.status.startedAt', description: 'When it started.', priority: 1 },
      { name: 'Finished', type: 'date', jsonPath: '.status.finishedAt', description: 'When it ended.', priority: 1 },
      {
        name: 'Attempts',
        type: 'integer',
        jsonPath: '.status.attempts[-1:].number',
        description: 'Number of the last attempt.',
        priority: 1,
      },
    ],
    selectableFields: ['.spec.agentRef.name', '.status.phase'],
  },
  {
    kind: 'ImplementationSpec',
    plural: 'implementationspecs',
    singular: 'implementationspec',
    shortNames: ['impl'],
    description: 'ImplementationSpec is what to implement, independent of where it was written down.',
    spec: ImplementationSpecSpec,
    status: ImplementationSpecStatus,
    columns: [
      { name: 'Source', type: 'string', jsonPath: '.spec.source.provider', description: 'Where it came from.' },
      { name: 'Summary', type: 'string', jsonPath: '.spec.summary', description: 'The intent in a sentence.' },
      condition('Ready', 'Whether runs can use it.'),
      AGE,
      {
        name: 'External',
        type: 'string',
        jsonPath: '.spec.source.externalId',
        description: 'Its identity upstream.',
        priority: 1,
      },
    ],
    selectableFields: ['.spec.source.provider'],
  },
  {
    kind: 'ImplementationSource',
    plural: 'implementationsources',
    singular: 'implementationsource',
    shortNames: ['implsrc'],
    description: 'ImplementationSource brings issues of a tracker in as ImplementationSpecs and keeps them up to date.',
    spec: ImplementationSourceSpec,
    status: ImplementationSourceStatus,
    columns: [
      { name: 'Provider', type: 'string', jsonPath: '.spec.provider', description: 'The tracker.' },
      condition('Ready', 'Whether the last sync reached the tracker.'),
      reasonOf('Ready'),
      { name: 'Issues', type: 'integer', jsonPath: '.status.issueCount', description: 'Issues in scope.' },
      AGE,
      {
        name: 'Synced',
        type: 'date',
        jsonPath: '.status.lastSyncedAt',
        description: 'When something last came in.',
        priority: 1,
      },
    ],
    selectableFields: ['.spec.provider'],
  },
  {
    kind: 'Memory',
    plural: 'memories',
    singular: 'memory',
    shortNames: ['mem'],
    description: 'Memory is a backend that agents remember things in, named by Agents and AgentRuns.',
    spec: MemorySpec,
    status: MemoryStatus,
    columns: [
      { name: 'Type', type: 'string', jsonPath: '.spec.type', description: 'Kind of the backend.' },
      { name: 'Default', type: 'boolean', jsonPath: '.spec.default', description: 'Whether it is the default.' },
      condition('Ready', 'Whether runs can use it.'),
      condition('Healthy', 'Whether the last health check reached it.'),
      AGE,
    ],
    selectableFields: ['.spec.type'],
  },
];
