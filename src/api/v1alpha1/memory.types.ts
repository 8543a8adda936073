import { IsIn, Max, MaxLength, Min } from 'class-validator';
import { Default, ListMap, ListSet, Time } from '../schema/decorators.js';
import type { KubernetesObject } from '../meta/object.js';
import { StatusCondition } from './condition.types.js';
import { MEMORY_CAPABILITIES, MEMORY_TYPES, type MemoryCapability, type MemoryType } from './memory-kind.js';
import { SecretReference } from './reference.types.js';

/** How a backend is reached. */
export class MemoryConnection {
  /** Secret with one DSN under key, or without key the well-known keys url, username, password, apiKey, index, ca.crt. */
  secretRef!: SecretReference;
}

/** Probing a backend at intervals. */
export class MemoryHealthCheck {
  /** False never connects. */
  @Default(true)
  enabled?: boolean;

  /** How often the backend is probed. */
  @Min(5)
  @Max(86_400)
  @Default(60)
  intervalSeconds?: number;
}

/** A memory backend that Agents and AgentRuns name. */
export class MemorySpec {
  /** Kind of the backend. */
  @IsIn(MEMORY_TYPES)
  type!: MemoryType;

  /** How it is reached. */
  connection!: MemoryConnection;

  /** What it can do; absent means what backends of its type can. */
  @ListSet(3)
  @IsIn(MEMORY_CAPABILITIES, { each: true })
  capabilities?: MemoryCapability[];

  /** True makes it the namespace's default; of two, the older one serves. */
  default?: boolean;

  /** Probing at intervals. */
  @Default({})
  healthCheck?: MemoryHealthCheck;
}

/** What the control plane found out about a Memory. */
export class MemoryStatus {
  /** Ready and Healthy. */
  @ListMap(['type'], 20)
  conditions?: StatusCondition[];

  /** What the backend was found to be capable of. */
  @ListSet(3)
  @IsIn(MEMORY_CAPABILITIES, { each: true })
  capabilities?: MemoryCapability[];

  /** Version that the backend reports. */
  @MaxLength(255)
  serverVersion?: string;

  /** When the backend was last probed with a new result. */
  @Time()
  lastCheckedAt?: string;

  /** The generation that the conditions speak of. */
  @Min(0)
  observedGeneration?: number;
}

/** A memory backend that Agents and AgentRuns name. */
export interface Memory extends KubernetesObject {
  spec: MemorySpec;
  status?: MemoryStatus;
}
