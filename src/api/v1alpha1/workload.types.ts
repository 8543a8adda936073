import { IsIn, Length } from 'class-validator';
import { ExactlyOneOf, IsQuantity, Pattern, QuantityMap, Rule } from '../schema/decorators.js';
import { BOUNDS, MOUNT_PATH_MESSAGE, MOUNT_PATH_RULE, PATTERNS } from '../schema/patterns.js';

/** An amount in Kubernetes' notation: `2`, `500m`, `4Gi`. A fraction is written as text: `"1.5"`. */
export type Quantity = string | number;

/** CPU, memory and scratch space of the agent's container. */
export class Resources {
  /** CPU request. */
  @IsQuantity()
  cpu?: Quantity;

  /** Memory request, and limit unless limits says otherwise. */
  @IsQuantity()
  memory?: Quantity;

  /** Scratch space request, and limit unless limits says otherwise. */
  @IsQuantity()
  ephemeralStorage?: Quantity;

  /** Requests by resource name, for anything the flat fields cannot say; these win over them. */
  @QuantityMap(20)
  requests?: Record<string, Quantity>;

  /** Limits by resource name; these win over the flat fields. */
  @QuantityMap(20)
  limits?: Record<string, Quantity>;
}

/** Scratch space that goes with the pod. */
export class EmptyDirVolume {
  /** The pod is evicted when it uses more. */
  @IsQuantity()
  sizeLimit?: Quantity;

  /** Memory keeps the files in RAM, counted against the memory limit; absent means the node's disk. */
  @IsIn(['Memory'])
  medium?: 'Memory';
}

/** A PersistentVolumeClaim as a volume. */
export class ClaimVolume {
  /** Name of the PersistentVolumeClaim; the Agent's security.allowedVolumeClaims must name it. */
  @Length(1, BOUNDS.name)
  @Pattern(PATTERNS.objectName)
  claimName!: string;
}

/** A Secret as a volume: one file per key. */
export class SecretVolume {
  /** Name of the Secret; the Agent's security.allowedSecrets must name it. */
  @Length(1, BOUNDS.name)
  @Pattern(PATTERNS.objectName)
  secretName!: string;
}

/** A ConfigMap as a volume: one file per key. */
export class ConfigMapVolume {
  /** Name of the ConfigMap. */
  @Length(1, BOUNDS.name)
  @Pattern(PATTERNS.objectName)
  name!: string;
}

/** A volume and where the agent sees it. */
@ExactlyOneOf(
  ['emptyDir', 'persistentVolumeClaim', 'secret', 'configMap'],
  'set exactly one of emptyDir, persistentVolumeClaim, secret and configMap',
)
export class WorkloadVolume {
  /** Name of the volume. */
  @Length(1, 63)
  @Pattern(PATTERNS.dnsLabel)
  name!: string;

  /** Absolute path in the agent's container. */
  @Length(2, BOUNDS.path)
  @Pattern(PATTERNS.mountPath)
  @Rule(MOUNT_PATH_RULE, MOUNT_PATH_MESSAGE)
  mountPath!: string;

  /** True mounts it read-only; a Secret or ConfigMap always is. */
  readOnly?: boolean;

  /** Scratch space that goes with the pod. */
  emptyDir?: EmptyDirVolume;

  /** A PersistentVolumeClaim. */
  persistentVolumeClaim?: ClaimVolume;

  /** A Secret. */
  secret?: SecretVolume;

  /** A ConfigMap. */
  configMap?: ConfigMapVolume;
}
