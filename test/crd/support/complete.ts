import type { AgentProviderSpec, AgentProviderStatus } from '../../../src/api/v1alpha1/agent-provider.types.js';
import type { AgentSpec, AgentStatus } from '../../../src/api/v1alpha1/agent.types.js';
import type { StatusCondition } from '../../../src/api/v1alpha1/condition.types.js';
import type {
  ImplementationSourceSpec,
  ImplementationSourceStatus,
} from '../../../src/api/v1alpha1/implementation-source.types.js';
import type {
  ImplementationSpecSpec,
  ImplementationSpecStatus,
} from '../../../src/api/v1alpha1/implementation-spec.types.js';
import type { MemorySpec, MemoryStatus } from '../../../src/api/v1alpha1/memory.types.js';
import type { Resources } from '../../../src/api/v1alpha1/workload.types.js';
import { COMPLETE_RUN_SPECS, COMPLETE_RUN_STATUS } from './complete-run.js';
import type { Plural } from './admission.js';

/** Every field of a condition. */
export const CONDITIONS: StatusCondition[] = [
  {
    type: 'Ready',
    status: 'True',
    reason: 'Ready',
    message: 'Everything is there.',
    lastTransitionTime: '2026-01-01T00:00:00Z',
    observedGeneration: 1,
  },
];

const RESOURCES: Resources = {
  cpu: 1,
  memory: '2Gi',
  ephemeralStorage: '10Gi',
  requests: { 'nvidia.com/gpu': 1 },
  limits: { cpu: '1.5' },
};

const AGENT_SPECS: AgentSpec[] = [
  {
    providerRef: { name: 'codex-runner' },
    runtime: {
      type: 'job',
      job: {
        nodeSelector: { 'example.com/pool': 'agents' },
        tolerations: [
          { key: 'dedicated', operator: 'Equal', value: 'agents', effect: 'NoExecute', tolerationSeconds: 60 },
        ],
        runtimeClassName: 'gvisor',
        priorityClassName: 'low',
        labels: { team: 'platform' },
        annotations: { 'example.com/note': 'Any text.' },
      },
    },
    resources: RESOURCES,
    env: [
      { name: 'PLAIN', value: '' },
      { name: 'SECRET', valueFrom: { secretKeyRef: { name: 'secret', key: 'token', optional: true } } },
      { name: 'CONFIG', valueFrom: { configMapKeyRef: { name: 'config', key: 'level', optional: false } } },
    ],
    pod: {
      runAsUser: 1000,
      fsGroup: 1000,
      readOnlyRootFilesystem: true,
      imagePullSecrets: [{ name: 'registry' }],
      terminationGracePeriodSeconds: 60,
      startDeadlineSeconds: 0,
    },
    security: {
      allowedServiceAccounts: ['builder'],
      allowedSecrets: ['secret'],
      allowedRepositories: [
        { urlPrefix: 'https://git.example.com/team', secretRef: { name: 'git' } },
        { urlPrefix: 'http://git.example.com' },
      ],
      allowedImages: ['ghcr.io/example/*'],
      allowedVolumeClaims: ['cache'],
      allowedRuntimeOverrides: ['job.nodeSelector', 'custom.payload'],
    },
    memoryRef: { name: 'default-memory' },
    defaults: { timeoutSeconds: 60, retryLimit: 0, retryBackoffSeconds: 5, ttlSecondsAfterFinished: 0 },
    limits: { maxConcurrentRuns: 0 },
  },
  {
    providerRef: { name: 'codex-runner' },
    runtime: {
      type: 'argo',
      argo: {
        workflowTemplateRef: { name: 'agent', clusterScope: true },
        entrypoint: 'main',
        arguments: [{ name: 'level', value: '' }],
        executorServiceAccountName: 'argo',
      },
    },
  },
  {
    providerRef: { name: 'codex-runner' },
    runtime: {
      type: 'temporal',
      temporal: {
        address: 'temporal.example.com:7233',
        namespace: 'agents',
        taskQueue: 'agents',
        workflowType: 'RunAgent',
        tlsSecretRef: { name: 'temporal-tls' },
        apiKeySecretRef: { name: 'temporal', key: 'apiKey' },
      },
    },
  },
  {
    providerRef: { name: 'codex-runner' },
    runtime: {
      type: 'custom',
      custom: { endpoint: 'https://runs.example.com/v1', authSecretRef: { name: 'runs', key: 'token' } },
    },
  },
];

const PROVIDER_SPEC: AgentProviderSpec = {
  binary: '/usr/local/bin/agent',
  argsTemplate: ['--prompt', '{{ implementation.text }}', ''],
  envTemplate: { LEVEL: '{{ parameters.level }}' },
  inputFiles: [{ path: 'input/task.md', content: '{{ implementation.text }}\n' }],
  outputArtifacts: [{ name: 'report', path: 'out/report.md', key: 'reports/latest', required: true }],
  image:
    'registry.example.com:5000/agents/codex:1.0@sha256:0000000000000000000000000000000000000000000000000000000000000000',
  runner: 'inject',
  secretEnv: [{ name: 'API_KEY', secretRef: { name: 'provider', key: 'apiKey' }, optional: true }],
  memoryCapabilities: ['vector', 'kv', 'blob'],
  failureRules: [
    { class: 'RateLimited', exitCodes: [1, 255] },
    { class: 'QuotaExhausted', outputPattern: 'quota (exceeded|exhausted)' },
  ],
};

const SOURCE_SPECS: ImplementationSourceSpec[] = [
  {
    provider: 'github',
    auth: { secretRef: { name: 'tracker', key: 'pat' } },
    baseUrl: 'https://git.example.com/api/v3',
    scope: { repository: 'team/app', labels: ['agent'], states: ['open'], query: 'no:assignee' },
    poll: { enabled: true, intervalSeconds: 15, fullSyncIntervalSeconds: 600 },
    webhook: { enabled: true, secretRefs: [{ name: 'webhook', key: 'secret' }] },
    deletionPolicy: 'Retain',
    suspend: true,
  },
  {
    provider: 'github',
    auth: { secretRef: { name: 'tracker', key: 'token' } },
    scope: { organization: 'team' },
    poll: { enabled: true, intervalSeconds: 60, fullSyncIntervalSeconds: 3600 },
    deletionPolicy: 'Delete',
  },
  {
    provider: 'linear',
    auth: { secretRef: { name: 'tracker', key: 'token' } },
    scope: { team: 'ENG', project: 'Agents' },
    poll: { enabled: false, intervalSeconds: 60, fullSyncIntervalSeconds: 3600 },
    webhook: { enabled: true, secretRefs: [{ name: 'webhook', key: 'secret' }] },
    deletionPolicy: 'Delete',
  },
];

const IMPLEMENTATION_SPEC: ImplementationSpecSpec = {
  source: { provider: 'linear', externalId: 'ENG-12', url: 'https://linear.app/team/issue/ENG-12' },
  text: 'Fix the login.',
  summary: 'Login',
  description: '# Login\n\nIt fails.',
  acceptanceCriteria: ['Login works', 'A test covers it'],
  labels: ['bug', 'needs review'],
};

const MEMORY_SPEC: MemorySpec = {
  type: 'postgres',
  connection: { secretRef: { name: 'memory', key: 'dsn' } },
  capabilities: ['vector', 'kv'],
  default: true,
  healthCheck: { enabled: false, intervalSeconds: 30 },
};

const AGENT_STATUS: AgentStatus = { conditions: CONDITIONS, observedGeneration: 1 };
const PROVIDER_STATUS: AgentProviderStatus = { conditions: CONDITIONS, observedGeneration: 1 };
const IMPLEMENTATION_STATUS: ImplementationSpecStatus = {
  conditions: CONDITIONS,
  syncedAt: '2026-01-01T00:00:00Z',
  sourceVersion: '2026-01-01T00:00:00.000Z',
  contentHash: 'a'.repeat(64),
  observedGeneration: 1,
};
const SOURCE_STATUS: ImplementationSourceStatus = {
  conditions: CONDITIONS,
  cursor: 'Y3Vyc29y',
  lastSyncedAt: '2026-01-01T00:00:00Z',
  issueCount: 12,
  rateLimitedUntil: '2026-01-01T01:00:00Z',
  observedGeneration: 1,
};
const MEMORY_STATUS: MemoryStatus = {
  conditions: CONDITIONS,
  capabilities: ['kv'],
  serverVersion: '17.2',
  lastCheckedAt: '2026-01-01T00:00:00Z',
  observedGeneration: 1,
};

/** Specs that together have a value in every field of their kind, and a status that has one in each of its own. */
export const COMPLETE: Record<Plural, { specs: object[]; status: object }> = {
  agents: { specs: AGENT_SPECS, status: AGENT_STATUS },
  agentproviders: { specs: [PROVIDER_SPEC], status: PROVIDER_STATUS },
  agentruns: { specs: COMPLETE_RUN_SPECS, status: { ...COMPLETE_RUN_STATUS, conditions: CONDITIONS } },
  implementationspecs: { specs: [IMPLEMENTATION_SPEC], status: IMPLEMENTATION_STATUS },
  implementationsources: { specs: SOURCE_SPECS, status: SOURCE_STATUS },
  memories: { specs: [MEMORY_SPEC], status: MEMORY_STATUS },
};
