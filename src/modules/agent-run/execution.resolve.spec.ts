import { describe, expect, it } from '@jest/globals';
import { aMemory, anAgent, anImplementation, aProvider, aRun } from '../../../test/support/builders/objects.js';
import { operatorDefaults } from '../../../test/support/builders/operator.js';
import type { AgentSpec } from '../../api/v1alpha1/agent.types.js';
import type { AgentProviderSpec } from '../../api/v1alpha1/agent-provider.types.js';
import type { AgentRunSpec } from '../../api/v1alpha1/agent-run.types.js';
import type { ImplementationSpecSpec } from '../../api/v1alpha1/implementation-spec.types.js';
import { resolveExecution } from './execution.resolve.js';
import { resolvedOf } from './frozen.manifest.js';

const git = { url: 'https://git.example/team/app.git' };

interface Parts {
  run?: Partial<AgentRunSpec>;
  agent?: Partial<AgentSpec>;
  provider?: Partial<AgentProviderSpec>;
  implementation?: Partial<ImplementationSpecSpec>;
  /** Name of the Memory that was selected for the run. */
  memory?: string;
}

function resolve({ run, agent, provider, implementation, memory }: Parts = {}) {
  const references = {
    agent: anAgent(agent),
    provider: aProvider(provider),
    implementation: anImplementation(implementation),
    ...(memory !== undefined && { memory: aMemory(memory) }),
    runtime: 'job' as const,
  };
  return resolveExecution(aRun(run), references, operatorDefaults());
}

function execution(parts: Parts = {}) {
  const resolution = resolve(parts);
  if (resolution.kind !== 'ready') throw new Error(`${resolution.reason}: ${resolution.message}`);
  return resolution.execution;
}

describe('what is run', () => {
  it.each<[string, Parts, object]>([
    [
      'the run first',
      {
        run: { retry: { limit: 0, backoffSeconds: 1, on: ['Timeout'] }, ttlSecondsAfterFinished: 0 },
        agent: { defaults: { retryLimit: 5, retryBackoffSeconds: 60, ttlSecondsAfterFinished: 90 } },
      },
      { retryLimit: 0, retryBackoffSeconds: 1, retryOn: ['Timeout'], ttlSecondsAfterFinished: 0 },
    ],
    [
      'then the Agent [Agent spec.defaults.{retryLimit,retryBackoffSeconds,ttlSecondsAfterFinished}]',
      { agent: { defaults: { retryLimit: 5, retryBackoffSeconds: 60, ttlSecondsAfterFinished: 90 } } },
      { retryLimit: 5, retryBackoffSeconds: 60, retryOn: [], ttlSecondsAfterFinished: 90 },
    ],
    [
      'then the operator',
      {},
      { retryLimit: 2, retryBackoffSeconds: 10, retryOn: [], ttlSecondsAfterFinished: 604_800 },
    ],
  ])('retries and the time a finished run is kept: %s', (_name, parts, policy) => {
    expect(execution(parts).policy).toEqual(policy);
  });

  it('has a Memory, or none, which is written down [AgentRun status.resolved.memory]', () => {
    expect(resolvedOf(execution({ memory: 'notes' })).memory).toBe('notes');
    expect(resolvedOf(execution())).not.toHaveProperty('memory');
  });

  it('is written down [AgentRun status.resolved.{timeoutSeconds,retryLimit,retryBackoffSeconds,retryOn,ttlSecondsAfterFinished}]', () => {
    const retry = { limit: 3, on: ['AgentError' as const] };
    expect(resolvedOf(execution({ run: { timeoutSeconds: 60, retry } }))).toMatchObject({
      timeoutSeconds: 60,
      retryLimit: 3,
      retryBackoffSeconds: 10,
      retryOn: ['AgentError'],
      ttlSecondsAfterFinished: 604_800,
    });
  });

  it('resources: each field of the run replaces the Agent’s', () => {
    const { resources } = execution({
      agent: { resources: { cpu: 1, memory: '2Gi', ephemeralStorage: '1Gi', limits: { 'nvidia.com/gpu': 1 } } },
      run: { workload: { resources: { cpu: 2, limits: { memory: '8Gi' } } } },
    });
    expect(resources).toEqual({
      requests: { cpu: '2', memory: '2Gi', 'ephemeral-storage': '1Gi' },
      limits: { memory: '8Gi', 'ephemeral-storage': '1Gi', 'nvidia.com/gpu': '1' },
    });
  });

  it('pod settings: the names of Secrets for pulling images', () => {
    expect(execution({ agent: { pod: { imagePullSecrets: [{ name: 'p' }] } } }).pod.imagePullSecrets).toEqual(['p']);
  });

  it('environment: provider template, provider secret, Agent, run secret, the later wins', () => {
    const spec = execution({
      provider: {
        envTemplate: { A: 'template', B: 'template', C: 'template', D: 'template' },
        secretEnv: [
          { name: 'B', secretRef: { name: 'p', key: 'b' } },
          { name: 'C', secretRef: { name: 'p', key: 'c' }, optional: true },
        ],
      },
      agent: {
        env: [
          { name: 'C', value: 'agent' },
          { name: 'E', valueFrom: { configMapKeyRef: { name: 'm', key: 'e' } } },
        ],
        security: { allowedSecrets: ['s'] },
      },
      run: { secrets: [{ name: 's', keys: [{ key: 'd', env: 'D' }] }] },
    });
    expect(spec.runnerSpec.command.env).toEqual({ A: 'template', C: 'agent' });
    expect(spec.env).toEqual([
      { name: 'B', secret: { name: 'p', key: 'b' } },
      { name: 'D', secret: { name: 's', key: 'd' } },
      { name: 'E', configMap: { name: 'm', key: 'e' } },
    ]);
    expect(spec.runnerSpec.maskEnv).toEqual(['B', 'D']);
  });
});

describe('a variable that changes how a process starts', () => {
  it('is the Agent’s and the provider’s to set', () => {
    const value = '--max-old-space-size=4096';
    const { runnerSpec, env } = execution({
      agent: {
        env: [
          { name: 'NODE_OPTIONS', value },
          { name: 'LD_LIBRARY_PATH', valueFrom: { configMapKeyRef: { name: 'm', key: 'k' } } },
        ],
      },
      provider: { envTemplate: { PATH: '/opt/bin:/usr/bin' } },
    });
    expect(runnerSpec.command.env).toEqual({ NODE_OPTIONS: value, PATH: '/opt/bin:/usr/bin' });
    expect(env).toEqual([{ name: 'LD_LIBRARY_PATH', configMap: { name: 'm', key: 'k' } }]);
  });
});

describe('templates', () => {
  it('are rendered with the run, the implementation and the parameters', () => {
    const { runnerSpec } = execution({
      provider: {
        argsTemplate: ['--issue', '{{ implementation.text }}', '{{ run.name }}@{{ run.namespace }}', '{{ git.ref }}'],
        envTemplate: { MODEL: '{{ parameters.model }}' },
        inputFiles: [
          { path: 'task.md', content: '{% for c in implementation.acceptanceCriteria %}- {{ c }}\n{% endfor %}' },
        ],
      },
      implementation: { text: 'Fix it.\r\n', acceptanceCriteria: ['a', 'b'] },
      run: { parameters: { model: 'small' }, execution: { coordinates: { git: { ...git, ref: 'main' } } } },
    });
    expect(runnerSpec.command.args).toEqual(['--issue', 'Fix it.', 'fix-login@team-a', 'main']);
    expect(runnerSpec.command.env).toEqual({ MODEL: 'small' });
    expect(runnerSpec.inputFiles).toEqual([{ path: 'task.md', content: '- a\n- b\n' }]);
  });

  it('keep the text of an issue as text', () => {
    const text = '{{ run.uid }} $(HOME) ${PATH} `id` {% raw %} "quoted" \\n';
    const provider = {
      argsTemplate: ['{{ implementation.text }}'],
      inputFiles: [{ path: 'f', content: '{{ implementation.text }}' }],
    };
    const { runnerSpec, input } = execution({ provider, implementation: { text } });
    expect([runnerSpec.command.args[0], runnerSpec.inputFiles[0]?.content, input.implementation.text]).toEqual([
      text,
      text,
      text,
    ]);
  });

  it('that need a parameter which the run lacks make it invalid, with both named', () => {
    expect(resolve({ provider: { argsTemplate: ['x', '{{ parameters.branch }}'] } })).toEqual({
      kind: 'invalid',
      reason: 'TemplateFailed',
      message:
        'spec.argsTemplate[1] of AgentProvider "shell": the variable "parameters.branch" has no value; set it on the run',
    });
  });
});

describe('Secrets of a run', () => {
  it('are environment, named keys or files, and all are masked', () => {
    const { secrets, runnerSpec } = execution({
      agent: { security: { allowedSecrets: ['a', 'b', 'c'] } },
      run: {
        secrets: [{ name: 'a' }, { name: 'b', keys: [{ key: 'k', env: 'K' }] }, { name: 'c', mountPath: '/etc/c' }],
      },
    });
    expect(secrets).toEqual([
      { name: 'a', allKeysAsEnv: true },
      { name: 'b', allKeysAsEnv: false },
      { name: 'c', allKeysAsEnv: false, mountPath: '/etc/c' },
    ]);
    expect(runnerSpec.maskEnv).toEqual(['K']);
    expect(runnerSpec.maskDirectories).toEqual(['/etc/agent-run-secrets/0', '/etc/c']);
  });
});

describe('a Secret that is mounted as a volume', () => {
  it('is masked as well', () => {
    const volume = { name: 'v', mountPath: '/etc/v', secret: { secretName: 's' } };
    const { runnerSpec } = execution({
      agent: { security: { allowedSecrets: ['s'] } },
      run: { workload: { volumes: [volume, { name: 'w', mountPath: '/w', emptyDir: {} }] } },
    });
    expect(runnerSpec.maskDirectories).toEqual(['/etc/v']);
  });
});

describe('the image of the checkout', () => {
  const checkout = (agent: Partial<AgentSpec>, image?: string) =>
    resolve({
      run: { execution: { coordinates: { git, ...(image !== undefined && { workspace: { image } }) } } },
      agent,
    });
  const withCredential = (security: AgentSpec['security']) => ({
    security: {
      allowedRepositories: [{ urlPrefix: 'https://git.example/team', secretRef: { name: 'git-team' } }],
      ...security,
    },
  });

  it('is not the run’s to choose when it gets a credential, unless the Agent allows that image', () => {
    const denied = checkout(withCredential({}), 'evil/checkout:1');
    expect(denied).toMatchObject({ kind: 'invalid', reason: 'ImageNotAllowed' });
    expect('message' in denied && denied.message).toContain(
      'spec.execution.coordinates.workspace.image: the image "evil/checkout:1" would get the credential of the repository',
    );
    expect(checkout(withCredential({ allowedImages: ['docker.io/good/*'] }), 'good/checkout:1').kind).toBe('ready');
  });

  it('is any when there is no credential to get, and the operator’s may get it', () => {
    expect(checkout({}, 'evil/checkout:1').kind).toBe('ready');
    expect(checkout(withCredential({})).kind).toBe('ready');
  });
});

describe('a run is invalid when', () => {
  it.each<[string, Parts, reason: string, message: string]>([
    [
      'a policy forbids what it names',
      { run: { secrets: [{ name: 's' }] } },
      'SecretNotAllowed',
      'spec.secrets[0].name',
    ],
    [
      'it mounts over what is the runner’s',
      { run: { workload: { volumes: [{ name: 'v', mountPath: '/etc/agent-run', emptyDir: {} }] } } },
      'MountNotAllowed',
      'spec.workload.volumes[0].mountPath: "/etc/agent-run"',
    ],
    [
      'its repository is not allowed',
      { agent: { security: { allowedRepositories: [] } } },
      'RepositoryNotAllowed',
      git.url,
    ],
    [
      'it takes a variable of the runner',
      {
        run: { secrets: [{ name: 's', keys: [{ key: 'k', env: 'AGENT_RUN_SPEC' }] }] },
        agent: { security: { allowedSecrets: ['s'] } },
      },
      'ReservedVariable',
      'AGENT_RUN_SPEC',
    ],
    ...['NODE_OPTIONS', 'LD_PRELOAD', 'LD_LIBRARY_PATH', 'PATH'].map((env): [string, Parts, string, string] => [
      `it names ${env}, which agent-runner itself would start with`,
      {
        run: { secrets: [{ name: 's', keys: [{ key: 'k', env }] }] },
        agent: { security: { allowedSecrets: ['s'] } },
      },
      'ReservedVariable',
      `the environment variable ${env} changes how agent-runner itself starts`,
    ]),
    [
      'an argument is too long for a process',
      { provider: { argsTemplate: ['{{ implementation.text }}'] }, implementation: { text: 'é'.repeat(70_000) } },
      'TooLarge',
      'argument 0 (spec.argsTemplate[0])',
    ],
    [
      'it is too large as a whole',
      {
        provider: {
          inputFiles: Array.from({ length: 8 }, (_, index) => ({
            path: `f${index}`,
            content: '{{ implementation.text }}',
          })),
        },
        implementation: { text: 'x'.repeat(128 * 1024) },
      },
      'TooLarge',
      'the largest part is input file f',
    ],
  ])('%s', (_name, parts, reason, message) => {
    const resolution = resolve(parts);
    expect(resolution).toMatchObject({ kind: 'invalid', reason });
    expect('message' in resolution && resolution.message).toContain(message);
  });
});
