import { IsIn, Length, MaxLength, Min } from 'class-validator';
import { Pattern, Time } from '../schema/decorators.js';
import { BOUNDS } from '../schema/patterns.js';
import type { Condition } from '../meta/condition.js';

/** metav1.Condition as a schema. */
export class StatusCondition implements Condition {
  /** What the condition speaks of, in CamelCase. */
  @Length(1, 316)
  @Pattern('^[A-Za-z][A-Za-z0-9]*$')
  type!: string;

  /** Whether it holds; Unknown when that cannot be told yet. */
  @IsIn(['True', 'False', 'Unknown'])
  status!: 'True' | 'False' | 'Unknown';

  /** Why, as one CamelCase word for programs. */
  @Length(1, BOUNDS.message)
  @Pattern('^[A-Za-z][A-Za-z0-9]*$')
  reason!: string;

  /** Why, as a sentence that names the field or object and the remedy. */
  @MaxLength(BOUNDS.message)
  message!: string;

  /** When the status last changed; a new reason or message does not move it. */
  @Time()
  lastTransitionTime!: string;

  /** The generation of the object that this was said of. */
  @Min(0)
  observedGeneration?: number;
}
