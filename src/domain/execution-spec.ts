import type { OptionalRetryClass } from '../api/v1alpha1/failure-class.js';
import type { RuntimeType } from '../api/v1alpha1/runtime-kind.js';
import type { Toleration } from '../api/v1alpha1/job-runtime.types.js';
import type { ArtifactStore } from './artifact-store.js';
import type { RunnerSpec } from './runner-spec.js';
import type { TemplateVariables } from './template.js';

/** One variable of the agent's container whose value lives elsewhere; plain values travel in the RunnerSpec. */
export type ReferencedEnv =
  | { name: string; secret: { name: string; key: string; optional?: boolean } }
  | { name: string; configMap: { name: string; key: string; optional?: boolean } };

/** Kubernetes' own quantities, as the pod's container gets them. */
export interface ContainerResources {
  requests: Record<string, string>;
  limits: Record<string, string>;
}

/** A Secret of the run: all its keys as environment, or files, or both. Named keys are in `env`. */
export interface SecretGrant {
  name: string;
  allKeysAsEnv: boolean;
  mountPath?: string;
}

/** A volume of the run's workload; exactly one source is set. */
export interface ExecutionVolume {
  name: string;
  mountPath: string;
  readOnly: boolean;
  emptyDir?: { sizeLimit?: string; medium?: string };
  claimName?: string;
  secretName?: string;
  configMapName?: string;
}

/** Settings of the pod that the Agent decides and a run cannot. */
export interface PodSettings {
  runAsUser: number;
  fsGroup: number;
  readOnlyRootFilesystem: boolean;
  imagePullSecrets: string[];
  terminationGracePeriodSeconds: number;
  /** How long the workload may take to start, in seconds; 0 = for ever. */
  startDeadlineSeconds: number;
  /** Absent: the pod gets no service-account token. */
  serviceAccountName?: string;
}

/** Settings of `runtime.job`. */
export interface JobSettings {
  nodeSelector: Record<string, string>;
  tolerations: Toleration[];
  runtimeClassName?: string;
  priorityClassName?: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

/** What becomes of a run when an attempt fails, and once it is over. */
export interface RunPolicy {
  /** How many times a failed attempt is repeated. */
  retryLimit: number;
  /** Wait before the first repetition; it doubles with each one. */
  retryBackoffSeconds: number;
  /** Failure classes that are repeated beside those that always are. */
  retryOn: OptionalRetryClass[];
  /** How long the finished run is kept, unless its spec says otherwise by then. */
  ttlSecondsAfterFinished: number;
}

/** What the agent itself may read of its run: the file that AGENT_RUN_SPEC names. */
export interface AgentInput {
  run: TemplateVariables['run'];
  agent: TemplateVariables['agent'];
  implementation: TemplateVariables['implementation'];
  parameters: TemplateVariables['parameters'];
  git: TemplateVariables['git'];
  memory?: TemplateVariables['memory'];
  artifacts: { name: string; path: string }[];
}

/**
 * Everything a runtime needs for every attempt of a run, resolved and rendered. Frozen in an immutable ConfigMap at first
 * submission; from then on nothing the run refers to is read again (docs/spec/v1alpha1/agentrun.md, "Frozen at submission").
 */
export interface ExecutionSpec {
  runtime: RuntimeType;
  agent: { name: string; generation: number };
  provider: { name: string; generation: number };
  implementationSourceVersion?: string;
  image: string;
  /** `inject`: an init container brings agent-runner, the image need not have it. */
  runner: 'image' | 'inject';
  /** Image of the step that brings agent-runner. */
  runnerImage: string;
  /** Image of the checkout step. */
  checkoutImage: string;
  /** Name of the Secret of the repository, of type basic-auth or ssh-auth. */
  gitSecret?: string;
  /** `emptyDir` unless a claim is named; each attempt gets a sub-directory of a claim. */
  workspaceVolume: { claimName?: string; sizeLimit?: string };
  env: ReferencedEnv[];
  secrets: SecretGrant[];
  volumes: ExecutionVolume[];
  resources: ContainerResources;
  pod: PodSettings;
  job: JobSettings;
  /** How long one attempt may run. */
  timeoutSeconds: number;
  /** Absent: artifacts stay in the workspace. It names a Secret and holds no value of it. */
  artifactStore?: ArtifactStore;
  policy: RunPolicy;
  runnerSpec: RunnerSpec;
  input: AgentInput;
}
