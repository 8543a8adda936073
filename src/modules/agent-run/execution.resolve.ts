import { AGENT_POD_DEFAULTS } from '../../api/v1alpha1/agent.defaults.js';
import type { Agent } from '../../api/v1alpha1/agent.types.js';
import type { AgentRun } from '../../api/v1alpha1/agent-run.types.js';
import type { ArtifactStore } from '../../domain/artifact-store.js';
import { INVALID_REASONS } from '../../api/v1alpha1/reasons.js';
import type { WorkloadVolume } from '../../api/v1alpha1/workload.types.js';
import type {
  ExecutionSpec,
  ExecutionVolume,
  JobSettings,
  PodSettings,
  RunPolicy,
} from '../../domain/execution-spec.js';
import { nulProblem, sizeProblem } from '../../domain/size-limits.js';
import { TemplateError } from '../../domain/template.js';
import { mergeEnvironment } from './environment.resolve.js';
import { frozenBytes } from './frozen.manifest.js';
import { mountProblem } from './mounts.resolve.js';
import { checkoutImageProblem, policyProblem } from './policy.resolve.js';
import { resolveRepository } from './repository.resolve.js';
import { reservedVariable } from './reserved.resolve.js';
import { resolveResources } from './resources.resolve.js';
import type { References } from './references.resolve.js';
import { renderProvider, runnerSpec } from './runner-spec.resolve.js';
import type { Invalid, Resolution } from './state.types.js';
import { agentInput, templateVariables } from './variables.resolve.js';

/** What the operator gives to runs that neither they nor their Agent or provider decide. */
export interface OperatorDefaults {
  defaultImage: string;
  checkoutImage: string;
  /** Holds agent-runner for `runner: inject`; no run chooses it. */
  runnerImage: string;
  timeoutSeconds: number;
  retryLimit: number;
  retryBackoffSeconds: number;
  ttlSecondsAfterFinished: number;
  /** Absent: artifacts stay in the workspace. */
  artifactStore?: ArtifactStore;
}

/**
 * Turns a run whose references are ready into what a runtime executes. The precedence is run, Agent, provider, operator.
 * Everything wrong with the run itself is `invalid`, with the field and the remedy.
 */
export function resolveExecution(run: AgentRun, references: References, operator: OperatorDefaults): Resolution {
  const { agent, provider, memory } = references;
  const problem = policyProblem(run, agent, run.spec.memoryRef ? memory : undefined) ?? mountProblem(run);
  if (problem) return problem;
  const repository = resolveRepository(run.spec.execution.coordinates.git.url, agent);
  if (repository.kind === 'invalid') return repository;
  const exposed = repository.gitSecret === undefined ? undefined : checkoutImageProblem(run, agent);
  if (exposed) return exposed;
  const variables = templateVariables(run, references);
  let rendered;
  try {
    rendered = renderProvider(references, variables);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    return invalid(INVALID_REASONS.TemplateFailed, error.message);
  }
  const environment = mergeEnvironment(rendered.env, provider, agent, run);
  const reserved = reservedVariable(run, environment);
  if (reserved) return reserved;
  const pod = podSettings(run, agent);
  const timeoutSeconds = run.spec.timeoutSeconds ?? agent.spec.defaults?.timeoutSeconds ?? operator.timeoutSeconds;
  const { workspace } = run.spec.execution.coordinates;
  // Nothing to store: no container beside the agent, and no Secret that has to be there.
  const store = provider.spec.outputArtifacts?.length ? operator.artifactStore : undefined;
  const execution: ExecutionSpec = {
    runtime: references.runtime,
    agent: named(agent.metadata),
    provider: named(provider.metadata),
    ...(references.implementation?.status?.sourceVersion && {
      implementationSourceVersion: references.implementation.status.sourceVersion,
    }),
    image: run.spec.workload?.image ?? provider.spec.image ?? operator.defaultImage,
    runner: provider.spec.runner ?? 'image',
    runnerImage: operator.runnerImage,
    checkoutImage: workspace?.image ?? operator.checkoutImage,
    ...(repository.gitSecret !== undefined && { gitSecret: repository.gitSecret }),
    workspaceVolume: workspaceVolume(workspace?.volume),
    env: environment.referenced,
    secrets: (run.spec.secrets ?? []).map(({ name, keys, mountPath }) => ({
      name,
      allKeysAsEnv: !keys && mountPath === undefined,
      ...(mountPath !== undefined && { mountPath }),
    })),
    volumes: (run.spec.workload?.volumes ?? []).map(executionVolume),
    resources: resolveResources(agent.spec.resources, run.spec.workload?.resources),
    pod,
    job: jobSettings(run, agent),
    timeoutSeconds,
    ...(store && { artifactStore: store }),
    policy: runPolicy(run, agent, operator),
    runnerSpec: runnerSpec(run, references, rendered, environment, {
      timeoutSeconds,
      ...pod,
      stores: store !== undefined,
    }),
    input: agentInput(variables, references),
  };
  const size = sizeProblem(execution, frozenBytes(execution));
  if (size !== undefined) return invalid(INVALID_REASONS.TooLarge, size);
  const nul = nulProblem(execution);
  return nul === undefined ? { kind: 'ready', execution } : invalid(INVALID_REASONS.NulCharacter, nul);
}

function runPolicy({ spec }: AgentRun, agent: Agent, operator: OperatorDefaults): RunPolicy {
  const { defaults } = agent.spec;
  return {
    retryLimit: spec.retry?.limit ?? defaults?.retryLimit ?? operator.retryLimit,
    retryBackoffSeconds: spec.retry?.backoffSeconds ?? defaults?.retryBackoffSeconds ?? operator.retryBackoffSeconds,
    retryOn: spec.retry?.on ?? [],
    ttlSecondsAfterFinished:
      spec.ttlSecondsAfterFinished ?? defaults?.ttlSecondsAfterFinished ?? operator.ttlSecondsAfterFinished,
  };
}

function podSettings(run: AgentRun, agent: Agent): PodSettings {
  const { imagePullSecrets = [], ...pod } = agent.spec.pod ?? {};
  const serviceAccountName = run.spec.workload?.serviceAccountName;
  return {
    ...AGENT_POD_DEFAULTS,
    ...pod,
    imagePullSecrets: imagePullSecrets.map(({ name }) => name),
    ...(serviceAccountName !== undefined && { serviceAccountName }),
  };
}

function jobSettings(run: AgentRun, agent: Agent): JobSettings {
  const merged = { ...agent.spec.runtime?.job, ...run.spec.runtimeOverrides?.job };
  return { nodeSelector: {}, tolerations: [], labels: {}, annotations: {}, ...merged };
}

function workspaceVolume(volume: { emptyDir?: { sizeLimit?: string | number }; claimName?: string } | undefined) {
  const sizeLimit = volume?.emptyDir?.sizeLimit;
  return {
    ...(volume?.claimName !== undefined && { claimName: volume.claimName }),
    ...(sizeLimit !== undefined && { sizeLimit: String(sizeLimit) }),
  };
}

function executionVolume(volume: WorkloadVolume): ExecutionVolume {
  const { name, mountPath, emptyDir, persistentVolumeClaim, secret, configMap } = volume;
  const projected = secret !== undefined || configMap !== undefined;
  return {
    name,
    mountPath,
    readOnly: projected || (volume.readOnly ?? false),
    ...(persistentVolumeClaim && { claimName: persistentVolumeClaim.claimName }),
    ...(secret && { secretName: secret.secretName }),
    ...(configMap && { configMapName: configMap.name }),
    ...(emptyDir && {
      emptyDir: {
        ...(emptyDir.sizeLimit !== undefined && { sizeLimit: String(emptyDir.sizeLimit) }),
        ...(emptyDir.medium && { medium: emptyDir.medium }),
      },
    }),
  };
}

function named({ name, generation = 0 }: { name: string; generation?: number }) {
  return { name, generation };
}

function invalid(reason: Invalid['reason'], message: string): Invalid {
  return { kind: 'invalid', reason, message };
}
