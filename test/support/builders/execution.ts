import type { ExecutionSpec } from '../../../src/domain/execution-spec.js';
import { RUNNER_SCHEMA_VERSION } from '../../../src/domain/runner-spec.js';

/** A resolved and rendered run of a shell provider, as small as one can be. */
export function anExecution(fields: Partial<ExecutionSpec> = {}): ExecutionSpec {
  return {
    runtime: 'job',
    agent: { name: 'coder', generation: 1 },
    provider: { name: 'shell', generation: 1 },
    image: 'registry.example/agent:1',
    runner: 'image',
    runnerImage: 'registry.example/agent-runner:1',
    checkoutImage: 'registry.example/checkout:1',
    workspaceVolume: {},
    env: [],
    secrets: [],
    volumes: [],
    resources: { requests: { cpu: '1' }, limits: { memory: '1Gi' } },
    pod: {
      runAsUser: 65532,
      fsGroup: 65532,
      readOnlyRootFilesystem: false,
      imagePullSecrets: [],
      terminationGracePeriodSeconds: 30,
      startDeadlineSeconds: 600,
    },
    job: { nodeSelector: {}, tolerations: [], labels: {}, annotations: {} },
    timeoutSeconds: 3600,
    policy: { retryLimit: 2, retryBackoffSeconds: 10, retryOn: [], ttlSecondsAfterFinished: 604_800 },
    runnerSpec: {
      schemaVersion: RUNNER_SCHEMA_VERSION,
      workspace: { root: '/workspace' },
      git: { url: 'https://git.example/app.git' },
      command: { binary: '/bin/sh', args: ['-c', 'true'], env: {} },
      inputFiles: [],
      outputArtifacts: [],
      timeoutSeconds: 3600,
      gracePeriodSeconds: 25,
      maskEnv: [],
      maskDirectories: [],
    },
    input: {
      run: { name: 'fix-login', namespace: 'team-a', uid: 'uid-1' },
      agent: { name: 'coder' },
      implementation: {
        text: 'Do it.',
        summary: '',
        description: '',
        acceptanceCriteria: [],
        labels: [],
        source: { provider: '', externalId: '', url: '' },
      },
      parameters: {},
      git: { url: 'https://git.example/app.git', ref: '', path: '' },
      artifacts: [],
    },
    ...fields,
  };
}
