import { Length } from 'class-validator';
import { Pattern } from '../schema/decorators.js';
import { BOUNDS, PATTERNS } from '../schema/patterns.js';

/** An object of the same namespace, by its name. */
export class LocalReference {
  /** Name of the object, in the same namespace. */
  @Length(1, BOUNDS.name)
  @Pattern(PATTERNS.objectName)
  name!: string;
}

/** One key of a Secret of the same namespace. */
export class SecretKeyReference extends LocalReference {
  /** Key inside the Secret. */
  @Length(1, BOUNDS.name)
  @Pattern(PATTERNS.dataKey)
  key!: string;
}

/** A Secret of the same namespace, and a key of it where one value is enough. */
export class SecretReference extends LocalReference {
  /** Key inside the Secret; absent means its well-known keys. */
  @Length(1, BOUNDS.name)
  @Pattern(PATTERNS.dataKey)
  key?: string;
}

/** One key of a Secret or ConfigMap of the same namespace. */
export class DataKeySelector extends LocalReference {
  /** Key inside it. */
  @Length(1, BOUNDS.name)
  @Pattern(PATTERNS.dataKey)
  key!: string;

  /** True leaves the variable out when the object or the key is missing, instead of holding the pod back. */
  optional?: boolean;
}
