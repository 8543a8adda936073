import { IsIn, Length, Max, Min } from 'class-validator';
import { ExactlyOneOf, ImmutableExcept, ListMap, ListSet, MapOf, Pattern, Rule } from '../schema/decorators.js';
import { BOUNDS, MOUNT_PATH_MESSAGE, MOUNT_PATH_RULE, PATTERNS } from '../schema/patterns.js';
import type { KubernetesObject } from '../meta/object.js';
import type { AgentRunStatus } from './agent-run-status.types.js';
import { OPTIONAL_RETRY_CLASSES, type OptionalRetryClass } from './failure-class.js';
import { Execution } from './git.types.js';
import { ImplementationContent } from './implementation-content.types.js';
import { LocalReference } from './reference.types.js';
import { RuntimeOverrides } from './runtime.types.js';
import { Resources, WorkloadVolume } from './workload.types.js';

/** By name, because the compiler plugin leaves out a field whose bound is written as a negative literal. */
const LOWEST_PRIORITY = -1_000_000;

/** Where an inline implementation was first written down. */
export class InlineImplementationOrigin {
  /** The tracker, as one lower-case word; manual or custom for none. */
  @Length(1, 63)
  @Pattern(PATTERNS.dnsLabel)
  provider!: string;

  /** Its identity there. */
  @Length(1, 512)
  externalId?: string;

  /** Its address for people. */
  @Length(1, BOUNDS.url)
  @Pattern('^https?://[^\\s]+$')
  url?: string;
}

/** An ImplementationSpec's spec, written into the run. */
export class InlineImplementation extends ImplementationContent {
  /** Where it came from. */
  source?: InlineImplementationOrigin;
}

/** An implementation that exists for one run only. */
export class RunImplementation {
  /** What to implement. */
  inline!: InlineImplementation;
}

/** The container that the agent runs in. */
export class RunWorkload {
  /** Image that hosts /usr/local/bin/agent-runner; absent means the provider's, then the operator's. */
  @Length(1, BOUNDS.url)
  @Pattern(PATTERNS.image)
  image?: string;

  /** Resources; each field replaces the Agent's. */
  resources?: Resources;

  /** Volumes beside the workspace. */
  @ListMap(['name'], 50)
  volumes?: WorkloadVolume[];

  /** Service account of the pod; the Agent's security.allowedServiceAccounts must name it. Absent: no token is mounted. */
  @Length(1, BOUNDS.name)
  @Pattern(PATTERNS.objectName)
  serviceAccountName?: string;
}

/** One key of a Secret as an environment variable. */
export class SecretGrantKey {
  /** Key inside the Secret. */
  @Length(1, BOUNDS.name)
  @Pattern(PATTERNS.dataKey)
  key!: string;

  /** Name of the environment variable. */
  @Length(1, BOUNDS.name)
  @Pattern(PATTERNS.envName)
  env!: string;
}

/** A Secret that the run may use: all its keys as environment unless keys or mountPath says otherwise. */
@Rule(
  '!(has(self.keys) && has(self.mountPath))',
  'set keys (environment) or mountPath (files), not both: list the Secret as a volume to have both',
)
export class SecretGrant {
  /** Name of the Secret; the Agent's security.allowedSecrets must name it. */
  @Length(1, BOUNDS.name)
  @Pattern(PATTERNS.objectName)
  name!: string;

  /** Only these keys, each under a name of its own. */
  @ListMap(['env'], 50)
  keys?: SecretGrantKey[];

  /** Absolute path under which every key is a file, instead of environment. */
  @Length(2, BOUNDS.path)
  @Pattern(PATTERNS.mountPath)
  @Rule(MOUNT_PATH_RULE, MOUNT_PATH_MESSAGE)
  mountPath?: string;
}

/** When a failed attempt is repeated; what is absent is the Agent's. */
export class RunRetry {
  /** How many times. */
  @Min(0)
  @Max(20)
  limit?: number;

  /** Wait before the first repetition; it doubles with each one. */
  @Min(1)
  @Max(86_400)
  backoffSeconds?: number;

  /**
   * Failure classes to repeat beside those that always are (Evicted, WorkloadLost, RateLimited, CheckoutFailed,
   * RuntimeError). In YAML write the key as "on", in quotes: kubectl reads a plain on as true.
   */
  @ListSet(3)
  @IsIn(OPTIONAL_RETRY_CLASSES, { each: true })
  on?: OptionalRetryClass[];
}

/** A single execution of an implementation, with the exact coordinates of what to run. */
@ExactlyOneOf(
  ['implementationRef', 'implementation'],
  'set exactly one of implementationRef and implementation.inline: a run implements one thing',
)
@Rule(
  '!has(oldSelf.cancel) || !oldSelf.cancel || (has(self.cancel) && self.cancel)',
  'cancel cannot be taken back: create a new AgentRun instead',
)
@ImmutableExcept(
  ['cancel', 'priority', 'ttlSecondsAfterFinished'],
  'the spec of an AgentRun cannot change but for cancel, priority and ttlSecondsAfterFinished: create a new AgentRun instead',
)
export class AgentRunSpec {
  /** The Agent that does it. */
  agentRef!: LocalReference;

  /** The ImplementationSpec to implement. */
  implementationRef?: LocalReference;

  /** What to implement, written into the run. */
  implementation?: RunImplementation;

  /** Where the run happens. */
  execution!: Execution;

  /** The container that the agent runs in. */
  workload?: RunWorkload;

  /** Overrides of the Agent's runtime settings, each allowed by its security.allowedRuntimeOverrides. */
  runtimeOverrides?: RuntimeOverrides;

  /** Values for the provider's templates. */
  @MapOf(100, { maxLength: BOUNDS.argument })
  parameters?: Record<string, string>;

  /** Secrets that the run may use. */
  @ListMap(['name'], 50)
  secrets?: SecretGrant[];

  /** The Memory of this run; absent means the Agent's. */
  memoryRef?: LocalReference;

  /** How long one attempt may run; absent means the Agent's default. */
  @Max(2_592_000)
  @Rule('self >= 1', 'timeoutSeconds must be at least 1: leave it out to use the default of the Agent')
  timeoutSeconds?: number;

  /** When a failed attempt is repeated. */
  retry?: RunRetry;

  /** How long the finished run is kept; 0 deletes it at once. Absent means the Agent's default. May change. */
  @Min(0)
  @Max(315_360_000)
  ttlSecondsAfterFinished?: number;

  /** Order among waiting runs, highest first; absent means 0. May change, without effect once submitted. */
  @Min(LOWEST_PRIORITY)
  @Max(1_000_000)
  priority?: number;

  /** True stops the run, for good. */
  cancel?: boolean;
}

/** A single execution of an implementation. */
export interface AgentRun extends KubernetesObject {
  spec: AgentRunSpec;
  status?: AgentRunStatus;
}
