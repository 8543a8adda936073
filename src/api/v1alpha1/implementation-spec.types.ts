import { IsIn, Length, MaxLength, Min } from 'class-validator';
import { ListMap, Pattern, Time } from '../schema/decorators.js';
import { BOUNDS } from '../schema/patterns.js';
import type { KubernetesObject } from '../meta/object.js';
import { StatusCondition } from './condition.types.js';
import { ImplementationContent } from './implementation-content.types.js';
import { IMPLEMENTATION_PROVIDERS, type ImplementationProvider } from './implementation-kind.js';

/** Where an implementation was first written down. */
export class ImplementationOrigin {
  /** The tracker, or manual or custom. */
  @IsIn(IMPLEMENTATION_PROVIDERS)
  provider!: ImplementationProvider;

  /** Its identity there, for example owner/repository#123 or LIN-123. */
  @Length(1, 512)
  externalId?: string;

  /** Its address for people. */
  @Length(1, BOUNDS.url)
  @Pattern('^https?://[^\\s]+$')
  url?: string;
}

/** What to implement, independent of where it was written down. */
export class ImplementationSpecSpec extends ImplementationContent {
  /** Where it came from. */
  source?: ImplementationOrigin;
}

/** What the control plane found out about an ImplementationSpec. */
export class ImplementationSpecStatus {
  /** Ready, and Synced when there is an upstream. */
  @ListMap(['type'], 20)
  conditions?: StatusCondition[];

  /** When its source last changed it. */
  @Time()
  syncedAt?: string;

  /** Its version upstream. */
  @MaxLength(255)
  sourceVersion?: string;

  /** Hash of the normalised text that runs see. */
  @MaxLength(128)
  contentHash?: string;

  /** The generation that the conditions speak of. */
  @Min(0)
  observedGeneration?: number;
}

/** What to implement. */
export interface ImplementationSpec extends KubernetesObject {
  spec: ImplementationSpecSpec;
  status?: ImplementationSpecStatus;
}
