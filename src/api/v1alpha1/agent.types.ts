import { Max, Min } from 'class-validator';
import { Default, ListMap } from '../schema/decorators.js';
import type { KubernetesObject } from '../meta/object.js';
import { AGENT_POD_DEFAULTS } from './agent.defaults.js';
import { AgentSecurity } from './agent-security.types.js';
import { StatusCondition } from './condition.types.js';
import { EnvironmentVariable } from './environment.types.js';
import { LocalReference } from './reference.types.js';
import { AgentRuntime } from './runtime.types.js';
import { Resources } from './workload.types.js';

/** How the pods of an Agent's runs are made. */
export class AgentPod {
  /** Numeric user of every container; never root. */
  @Min(1)
  @Max(2_147_483_647)
  @Default(AGENT_POD_DEFAULTS.runAsUser)
  runAsUser?: number;

  /** Group that owns the pod's volumes. */
  @Min(1)
  @Max(2_147_483_647)
  @Default(AGENT_POD_DEFAULTS.fsGroup)
  fsGroup?: number;

  /** True makes the agent's root file system read-only; its home, temporary and workspace directories stay writable. */
  @Default(AGENT_POD_DEFAULTS.readOnlyRootFilesystem)
  readOnlyRootFilesystem?: boolean;

  /** Secrets that images are pulled with. */
  @ListMap(['name'], 20)
  imagePullSecrets?: LocalReference[];

  /** How long a stopped agent may take to end before it is killed. */
  @Min(1)
  @Max(3600)
  @Default(AGENT_POD_DEFAULTS.terminationGracePeriodSeconds)
  terminationGracePeriodSeconds?: number;

  /** How long a submitted run may take to start (no node, no image, no Secret) before it fails; 0 waits for ever. */
  @Min(0)
  @Max(604_800)
  @Default(AGENT_POD_DEFAULTS.startDeadlineSeconds)
  startDeadlineSeconds?: number;
}

/** What applies to runs that do not say; what is absent here is the operator's. */
export class RunDefaults {
  /** How long one attempt may run. */
  @Min(1)
  @Max(2_592_000)
  timeoutSeconds?: number;

  /** How many times a failed attempt is repeated. */
  @Min(0)
  @Max(20)
  retryLimit?: number;

  /** Wait before the first repetition; it doubles with each one. */
  @Min(1)
  @Max(86_400)
  retryBackoffSeconds?: number;

  /** How long a finished run is kept; 0 deletes it at once. */
  @Min(0)
  @Max(315_360_000)
  ttlSecondsAfterFinished?: number;
}

/** How much an Agent may do at once. */
export class AgentLimits {
  /** How many runs may hold a slot at once; 0 holds all back. */
  @Min(0)
  @Max(10_000)
  maxConcurrentRuns?: number;
}

/** Default configuration and policy of an agent. Who may write it can reach the namespace's Secrets through it. */
export class AgentSpec {
  /** The AgentProvider that says how the agent is called. */
  providerRef!: LocalReference;

  /** Where runs are submitted to, and with which settings. */
  @Default({})
  runtime?: AgentRuntime;

  /** Default resources of the agent's container. */
  resources?: Resources;

  /** Environment of the agent's process. */
  @ListMap(['name'], 100)
  env?: EnvironmentVariable[];

  /** How the pods of runs are made. */
  @Default({})
  pod?: AgentPod;

  /** What runs may use. */
  security?: AgentSecurity;

  /** The Memory of runs that name none; absent means the namespace's default Memory, if there is one. */
  memoryRef?: LocalReference;

  /** What applies to runs that do not say. */
  defaults?: RunDefaults;

  /** How much may run at once. */
  limits?: AgentLimits;
}

/** What the control plane found out about an Agent. */
export class AgentStatus {
  /** Ready (its references are there and allowed) and Paused. */
  @ListMap(['type'], 20)
  conditions?: StatusCondition[];

  /** The generation that the conditions speak of. */
  @Min(0)
  observedGeneration?: number;
}

/** Default configuration and policy of an agent. */
export interface Agent extends KubernetesObject {
  spec: AgentSpec;
  status?: AgentStatus;
}
