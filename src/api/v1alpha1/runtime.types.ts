import { IsIn, Length, MaxLength } from 'class-validator';
import { Default, ListMap, MapOf, Pattern, Rule } from '../schema/decorators.js';
import { BOUNDS, PATTERNS } from '../schema/patterns.js';
import { JobRuntime } from './job-runtime.types.js';
import { SecretKeyReference, SecretReference, LocalReference } from './reference.types.js';
import { RUNTIME_TYPES, type RuntimeType } from './runtime-kind.js';

/** The workflow that a run is submitted with. */
export class WorkflowTemplateReference extends LocalReference {
  /** True names a ClusterWorkflowTemplate; absent means a WorkflowTemplate of the same namespace. */
  clusterScope?: boolean;
}

/** One argument of a workflow. */
export class WorkflowArgument {
  /** Name of the workflow's parameter. */
  @Length(1, 128)
  @Pattern('^[-_A-Za-z0-9]+$')
  name!: string;

  /** Its value. */
  @MaxLength(8192)
  value!: string;
}

/** Settings of a run as an Argo workflow. */
export class ArgoRuntime {
  /** The template to submit; absent means a workflow made for the run. */
  workflowTemplateRef?: WorkflowTemplateReference;

  /** Name of the template inside the workflow that runs first. */
  @Length(1, 128)
  @Pattern('^[-_A-Za-z0-9]+$')
  entrypoint?: string;

  /** Arguments of the workflow. */
  @ListMap(['name'], 50)
  arguments?: WorkflowArgument[];

  /** Service account of the workflow's executor; the Agent's security.allowedServiceAccounts must name it. */
  @Length(1, BOUNDS.name)
  @Pattern(PATTERNS.objectName)
  executorServiceAccountName?: string;
}

/** What a run may say of a Temporal workflow. */
export class TemporalSelection {
  /** Namespace of the Temporal service. */
  @Length(1, 255)
  namespace?: string;

  /** Task queue that the agents' workers poll. */
  @Length(1, 255)
  taskQueue?: string;

  /** Type of the workflow to start. */
  @Length(1, 255)
  workflowType?: string;
}

/** Settings of a run as a Temporal workflow. */
export class TemporalRuntime extends TemporalSelection {
  /** host:port of the Temporal service; absent means the operator's. */
  @Length(1, 512)
  @Pattern('^[^\\s/:@]+:[0-9]{1,5}$')
  address?: string;

  /** Secret of type kubernetes.io/tls for mutual TLS; absent means the operator's. */
  tlsSecretRef?: LocalReference;

  /** Secret and key that hold an API key; absent means the operator's. */
  apiKeySecretRef?: SecretKeyReference;
}

/** Settings of a run that an HTTP service executes. */
export class CustomRuntime {
  /** URL that runs are posted to; absent means the operator's. */
  @Length(1, BOUNDS.url)
  @Pattern('^https?://[^\\s/?#@]+(/[^\\s?#]*)?$')
  endpoint?: string;

  /** Secret, and key in it, with the bearer token; absent means the operator's. */
  authSecretRef?: SecretReference;
}

/** The runtime that an Agent's runs are submitted to, with its default settings. */
@Rule(
  "(!has(self.job) || self.type == 'job') && (!has(self.argo) || self.type == 'argo') && (!has(self.temporal) || self.type == 'temporal') && (!has(self.custom) || self.type == 'custom')",
  'only the block named by runtime.type may be set: remove the other blocks or change the type',
)
export class AgentRuntime {
  /** Where runs are submitted to. */
  @IsIn(RUNTIME_TYPES)
  @Default('job')
  type?: RuntimeType;

  /** Settings of type job. */
  job?: JobRuntime;

  /** Settings of type argo. */
  argo?: ArgoRuntime;

  /** Settings of type temporal. */
  temporal?: TemporalRuntime;

  /** Settings of type custom. */
  custom?: CustomRuntime;
}

/** What a run may say of a Temporal workflow beside its selection. */
export class TemporalOverrides extends TemporalSelection {
  /** Memo of the workflow; each value is text, JSON where structure is needed. */
  @MapOf(50, { maxLength: 8192 })
  memo?: Record<string, string>;
}

/** What a run may say to an HTTP service. */
export class CustomOverrides {
  /** Added to the posted run; each value is text, JSON where structure is needed. */
  @MapOf(50, { maxLength: 8192 })
  payload?: Record<string, string>;
}

/**
 * A run's overrides of its Agent's runtime settings; only the block of the Agent's type has an effect.
 * Never an endpoint, an address or a credential: a run does not choose where it is sent.
 */
export class RuntimeOverrides {
  /** For runs as a Job. */
  job?: JobRuntime;

  /** For runs as an Argo workflow. */
  argo?: ArgoRuntime;

  /** For runs as a Temporal workflow. */
  temporal?: TemporalOverrides;

  /** For runs that an HTTP service executes. */
  custom?: CustomOverrides;
}
