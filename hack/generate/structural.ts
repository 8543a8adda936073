import type { CelRule } from '../../src/api/schema/registry.js';

/** The part of a structural schema (apiextensions.k8s.io/v1) that the generator writes. */
export interface StructuralSchema {
  description?: string;
  type?: 'object' | 'array' | 'string' | 'integer' | 'boolean';
  format?: string;
  enum?: readonly (string | number)[];
  default?: unknown;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
  maxProperties?: number;
  anyOf?: readonly { type: 'integer' | 'string' }[];
  'x-kubernetes-int-or-string'?: true;
  'x-kubernetes-list-type'?: 'map' | 'set' | 'atomic';
  'x-kubernetes-list-map-keys'?: readonly string[];
  'x-kubernetes-validations'?: readonly CelRule[];
  required?: readonly string[];
  properties?: Readonly<Record<string, StructuralSchema>>;
  items?: StructuralSchema;
  additionalProperties?: StructuralSchema;
}

/** A type in src/api that no structural schema can express, or that would be unbounded. */
export class RefusedSchema extends Error {
  override readonly name = 'RefusedSchema';

  constructor(path: string, problem: string) {
    super(`${path}: ${problem}`);
  }
}

/** The order in which keywords are written: what a reader asks first comes first. */
const ORDER: readonly (keyof StructuralSchema)[] = [
  'description',
  'type',
  'format',
  'enum',
  'default',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'minItems',
  'maxItems',
  'maxProperties',
  'anyOf',
  'x-kubernetes-int-or-string',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-validations',
  'required',
  'properties',
  'items',
  'additionalProperties',
];

/** The same schema without what is undefined, its keywords in a fixed order. */
export function inOrder(schema: StructuralSchema): StructuralSchema {
  return Object.fromEntries(ORDER.filter((key) => schema[key] !== undefined).map((key) => [key, schema[key]]));
}
