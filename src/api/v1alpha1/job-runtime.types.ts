import { IsIn, Length, Max, MaxLength, Min } from 'class-validator';
import { AtomicList, MapOf, Pattern, Rule } from '../schema/decorators.js';
import { BOUNDS, PATTERNS } from '../schema/patterns.js';

const RESERVED_RULE = "self.all(name, !name.startsWith('agents.proompteng.ai/'))";
const RESERVED_MESSAGE = 'names under agents.proompteng.ai/ are set by the control plane: choose another prefix';

/** Lets a pod onto nodes with a matching taint. */
export class Toleration {
  /** Key of the taint; absent with operator Exists matches every taint. */
  @MaxLength(317)
  key?: string;

  /** How key and value are compared; absent means Equal. */
  @IsIn(['Exists', 'Equal'])
  operator?: 'Exists' | 'Equal';

  /** Value of the taint. */
  @MaxLength(63)
  @Pattern(PATTERNS.labelValue)
  value?: string;

  /** Effect of the taint; absent matches every effect. */
  @IsIn(['NoSchedule', 'PreferNoSchedule', 'NoExecute'])
  effect?: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';

  /** How long a NoExecute taint is tolerated; absent means for ever. */
  @Min(0)
  @Max(31_536_000)
  tolerationSeconds?: number;
}

/** Settings of a run as a Kubernetes Job. */
export class JobRuntime {
  /** Labels that a node must have. */
  @MapOf(50, { maxLength: 63, pattern: PATTERNS.labelValue })
  nodeSelector?: Record<string, string>;

  /** Taints that the pod tolerates. */
  @AtomicList(50)
  tolerations?: Toleration[];

  /** RuntimeClass of the pod, for example one that runs it in a sandbox. */
  @Length(1, BOUNDS.name)
  @Pattern(PATTERNS.objectName)
  runtimeClassName?: string;

  /** PriorityClass of the pod. */
  @Length(1, BOUNDS.name)
  @Pattern(PATTERNS.objectName)
  priorityClassName?: string;

  /** Labels added to the Job and its pod. */
  @MapOf(50, { maxLength: 63, pattern: PATTERNS.labelValue })
  @Rule(RESERVED_RULE, RESERVED_MESSAGE)
  labels?: Record<string, string>;

  /** Annotations added to the Job and its pod. */
  @MapOf(50, { maxLength: 4096 })
  @Rule(RESERVED_RULE, RESERVED_MESSAGE)
  annotations?: Record<string, string>;
}
