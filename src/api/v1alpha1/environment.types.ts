import { Length, MaxLength } from 'class-validator';
import { ExactlyOneOf, Pattern } from '../schema/decorators.js';
import { BOUNDS, PATTERNS } from '../schema/patterns.js';
import { DataKeySelector } from './reference.types.js';

/** Where the value of an environment variable comes from. */
@ExactlyOneOf(['secretKeyRef', 'configMapKeyRef'], 'set exactly one of secretKeyRef and configMapKeyRef')
export class EnvironmentSource {
  /** A key of a Secret. Who writes the Agent chooses it, so security.allowedSecrets need not name it. */
  secretKeyRef?: DataKeySelector;

  /** A key of a ConfigMap. */
  configMapKeyRef?: DataKeySelector;
}

/** One environment variable. */
@ExactlyOneOf(['value', 'valueFrom'], 'set exactly one of value and valueFrom')
export class EnvironmentVariable {
  /** Name of the variable. */
  @Length(1, BOUNDS.name)
  @Pattern(PATTERNS.envName)
  name!: string;

  /** Its value as it is; nothing in it is expanded. */
  @MaxLength(BOUNDS.argument)
  value?: string;

  /** Where its value comes from. */
  valueFrom?: EnvironmentSource;
}
