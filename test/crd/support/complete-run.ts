import type { AgentRunStatus, RuntimeReference } from '../../../src/api/v1alpha1/agent-run-status.types.js';
import type { AgentRunSpec } from '../../../src/api/v1alpha1/agent-run.types.js';

/** Runs that together have a value in every field of the spec. */
export const COMPLETE_RUN_SPECS: AgentRunSpec[] = [
  {
    agentRef: { name: 'codex-agent' },
    implementationRef: { name: 'impl-1234' },
    execution: {
      coordinates: {
        git: { url: 'https://git.example.com/team/app.git', ref: 'feature/login', path: 'services/api', depth: 1 },
        workspace: {
          image: 'registry.example.com/git:2',
          volume: { emptyDir: { sizeLimit: '10Gi' } },
          mountPath: '/work',
        },
      },
    },
    workload: {
      image: 'registry.example.com/agent:latest',
      resources: {
        cpu: 2,
        memory: '4Gi',
        ephemeralStorage: '1Gi',
        requests: { 'example.com/device': 1 },
        limits: { memory: '8Gi' },
      },
      volumes: [
        { name: 'scratch', mountPath: '/scratch', readOnly: false, emptyDir: { sizeLimit: 1024, medium: 'Memory' } },
        { name: 'cache', mountPath: '/cache', persistentVolumeClaim: { claimName: 'cache' } },
        { name: 'keys', mountPath: '/keys', readOnly: true, secret: { secretName: 'keys' } },
        { name: 'config', mountPath: '/config', configMap: { name: 'config' } },
      ],
      serviceAccountName: 'builder',
    },
    runtimeOverrides: {
      job: {
        nodeSelector: { pool: 'large' },
        tolerations: [{ key: 'dedicated', operator: 'Exists', value: '', effect: 'NoSchedule', tolerationSeconds: 0 }],
        runtimeClassName: 'gvisor',
        priorityClassName: 'high',
        labels: { team: 'platform' },
        annotations: { note: 'Any text.' },
      },
      argo: {
        workflowTemplateRef: { name: 'agent', clusterScope: false },
        entrypoint: 'main',
        arguments: [{ name: 'level', value: 'high' }],
        executorServiceAccountName: 'argo',
      },
      temporal: { namespace: 'agents', taskQueue: 'large', workflowType: 'RunAgent', memo: { note: 'Any text.' } },
      custom: { payload: { note: '{"any": "text"}' } },
    },
    parameters: { level: 'high', empty: '' },
    secrets: [
      { name: 'all' },
      { name: 'some', keys: [{ key: 'token', env: 'TOKEN' }] },
      { name: 'files', mountPath: '/secrets/files' },
    ],
    memoryRef: { name: 'memory' },
    timeoutSeconds: 1,
    retry: { limit: 3, backoffSeconds: 10, on: ['AgentError', 'Timeout', 'OutOfMemory'] },
    ttlSecondsAfterFinished: 0,
    priority: -5,
    cancel: false,
  },
  {
    agentRef: { name: 'codex-agent' },
    implementation: {
      inline: {
        source: { provider: 'custom', externalId: 'T-1', url: 'https://tasks.example.com/T-1' },
        text: 'Fix the login.',
        summary: 'Login',
        description: '# Login',
        acceptanceCriteria: ['Login works'],
        labels: ['bug'],
      },
    },
    execution: {
      coordinates: {
        git: { url: 'git@git.example.com:team/app.git' },
        workspace: { volume: { claimName: 'workspaces' } },
      },
    },
  },
];

const RUNTIME_REF: RuntimeReference = {
  type: 'job',
  name: 'fix-login-0123456789-1',
  namespace: 'team',
  uid: '5b0c2d6e-3a51-4c8e-9d53-4e1f6b7a8c9d',
  runID: 'r-1',
  url: 'https://runs.example.com/r-1',
};

/** A value in every field of the status but the conditions. */
export const COMPLETE_RUN_STATUS: Omit<AgentRunStatus, 'conditions'> = {
  phase: 'Failed',
  reason: 'AgentError',
  message: 'The agent ended with exit code 1.',
  queuedAt: '2026-01-01T00:00:00Z',
  submittedAt: '2026-01-01T00:00:01Z',
  startedAt: '2026-01-01T00:00:02Z',
  finishedAt: '2026-01-01T00:00:03Z',
  runtimeRef: RUNTIME_REF,
  attempts: [
    {
      number: 1,
      runtimeRef: RUNTIME_REF,
      submittedAt: '2026-01-01T00:00:01Z',
      startedAt: '2026-01-01T00:00:02Z',
      finishedAt: '2026-01-01T00:00:03Z',
      failureClass: 'AgentError',
      exitCode: 1,
      message: 'The agent ended with exit code 1.',
    },
  ],
  failureClass: 'AgentError',
  artifacts: [
    {
      name: 'report',
      path: 'out/report.md',
      key: 'reports/latest',
      url: 'https://store.example.com/reports/latest',
      sizeBytes: 9_007_199_254_740_991,
      sha256: '0'.repeat(64),
    },
  ],
  usage: { inputTokens: 10, outputTokens: 20, costMicroUsd: 30 },
  outputs: { pullRequest: 'https://git.example.com/team/app/pulls/1' },
  resolved: {
    image: 'registry.example.com/agent:latest',
    executionSpecHash: 'a'.repeat(64),
    agentGeneration: 1,
    providerGeneration: 2,
    implementationSourceVersion: '2026-01-01T00:00:00.000Z',
    memory: 'memory',
    timeoutSeconds: 3600,
    retryLimit: 2,
    retryBackoffSeconds: 10,
    retryOn: ['AgentError'],
    ttlSecondsAfterFinished: 0,
  },
  observedGeneration: 1,
};
