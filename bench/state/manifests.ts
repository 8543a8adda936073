import { RUNNER_SCHEMA_VERSION } from '../../src/domain/runner-spec.js';

/** Where everything of the benchmark is. */
export const NAMESPACE = 'bench';

const GROUP = 'agents.proompteng.ai/v1alpha1';
const PARAGRAPH =
  'The importer stops at the first row that it cannot read and leaves the rows before it half written. Read the whole ' +
  'file first, report every row that is wrong with its line and its column, and write all rows or none. Keep the ' +
  'format of the report as it is: other programs read it. Add a test for an empty file and for one with a byte order mark. ';

/** The API server admits no pod without the service account that a controller would have made. */
export const SERVICE_ACCOUNT = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } };

export const PROVIDER = {
  apiVersion: GROUP,
  kind: 'AgentProvider',
  metadata: { name: 'codex' },
  spec: {
    binary: '/usr/local/bin/codex',
    image: 'registry.example/agents/codex:1.14.2',
    argsTemplate: ['exec', '--model', '{{ parameters.model }}', '--json', '-'],
    envTemplate: { REVIEWER: '{{ parameters.reviewer }}', TICKET: '{{ parameters.ticket }}' },
    inputFiles: [{ path: '.agent/task.md', content: '# {{ run.name }}\n\n{{ implementation.text }}\n' }],
    outputArtifacts: [
      { name: 'patch', path: 'out/change.patch' },
      { name: 'report', path: 'out/report.md' },
    ],
  },
};

export const AGENT = {
  apiVersion: GROUP,
  kind: 'Agent',
  metadata: { name: 'importer' },
  spec: {
    providerRef: { name: 'codex' },
    resources: { cpu: '500m', memory: '1Gi', ephemeralStorage: '2Gi' },
    // Longer than any measurement: a run that passes its deadline is no idle one.
    defaults: { timeoutSeconds: 86_400 },
    pod: { startDeadlineSeconds: 0 },
  },
};

/** A run of ordinary size, about 2 KiB of text that is its own, as `kubectl apply` creates it. */
export function aRun(name: string): object {
  const { metadata, ...run } = plainRun(name);
  const applied = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({ metadata, ...run }) };
  return { ...run, metadata: { ...metadata, annotations: { ...metadata.annotations, ...applied } } };
}

function plainRun(name: string) {
  return {
    apiVersion: GROUP,
    kind: 'AgentRun',
    metadata: {
      name,
      labels: { team: 'imports', 'example.com/ticket': name },
      annotations: { 'example.com/by': name },
    },
    spec: {
      agentRef: { name: 'importer' },
      implementation: {
        inline: {
          summary: `${name}: report every row that cannot be read`,
          text: Array.from({ length: 5 }, (_, index) => `${index + 1}. (${name}) ${PARAGRAPH}`).join('\n'),
          acceptanceCriteria: ['all rows or none', 'every wrong row is reported', `the ticket ${name} is named`],
          labels: ['importer', 'bug'],
          source: { provider: 'manual', externalId: name, url: `https://tracker.example/imports/${name}` },
        },
      },
      execution: { coordinates: { git: { url: 'https://git.example/imports/importer.git', ref: `fix/${name}` } } },
      workload: { resources: { requests: { cpu: '1' }, limits: { memory: '2Gi' } } },
      parameters: { model: 'large', reviewer: 'imports-team', ticket: name, effort: 'high' },
      timeoutSeconds: 43_200,
      priority: 10,
    },
  };
}

/** What agent-runner writes at the end: the termination message. */
export function reportOf(name: string): string {
  return JSON.stringify({
    schemaVersion: RUNNER_SCHEMA_VERSION,
    exitCode: 0,
    message: `${name}: all rows are read before any is written; 14 tests were added and pass`,
    artifacts: [
      { name: 'patch', path: 'out/change.patch', sizeBytes: 18_204, sha256: 'a1'.repeat(32) },
      { name: 'report', path: 'out/report.md', sizeBytes: 2_911, sha256: 'b2'.repeat(32) },
    ],
    usage: { inputTokens: 184_220, outputTokens: 12_904, costMicroUsd: 2_315_000 },
    outputs: { branch: `fix/${name}`, pullRequest: `https://git.example/imports/importer/pulls/${name}` },
  });
}
