import { RefusedSchema, type StructuralSchema } from './structural.js';

const SCALARS = new Set(['string', 'integer', 'boolean']);

function refuse(path: string, problem: string): never {
  throw new RefusedSchema(path, problem);
}

function isScalar(schema: StructuralSchema): boolean {
  return schema['x-kubernetes-int-or-string'] === true || (schema.type !== undefined && SCALARS.has(schema.type));
}

function checkString(schema: StructuralSchema, path: string): void {
  const bounded = schema.maxLength !== undefined || schema.enum !== undefined || schema.format === 'date-time';
  if (!bounded) refuse(path, 'a string needs a maxLength, an enum or the format date-time');
}

function checkInteger(schema: StructuralSchema, path: string): void {
  if (schema.minimum === undefined && schema['x-kubernetes-validations'] === undefined) {
    refuse(path, 'an integer needs a minimum, or a rule that gives one');
  }
}

function checkMapKeys(schema: StructuralSchema, path: string): void {
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  if (keys.length === 0) refuse(path, 'a list of type map needs its keys');
  for (const key of keys) {
    const property = schema.items?.properties?.[key];
    if (property === undefined || !isScalar(property))
      refuse(path, `the list key ${key} must be a scalar of its items`);
    if (!schema.items?.required?.includes(key)) refuse(path, `the list key ${key} must be required`);
  }
}

function checkArray(schema: StructuralSchema, path: string): void {
  if (schema.maxItems === undefined) refuse(path, 'a list needs a maxItems');
  if (schema.items === undefined) return refuse(path, 'a list needs a type for its items');
  const listType = schema['x-kubernetes-list-type'];
  if (listType === undefined) refuse(path, 'a list needs a list type: map, set or atomic');
  if (listType === 'map') checkMapKeys(schema, path);
  if (listType === 'set' && !isScalar(schema.items)) refuse(path, 'a list of type set holds scalars only');
}

function checkObject(schema: StructuralSchema, path: string): void {
  const { properties, additionalProperties } = schema;
  if (properties && additionalProperties) refuse(path, 'an object has fields or is a map, never both');
  if (!properties && !additionalProperties) refuse(path, 'an object needs fields or a type for its values');
  if (additionalProperties && schema.maxProperties === undefined) refuse(path, 'a map needs a maxProperties');
}

const CHECKS = {
  string: checkString,
  integer: checkInteger,
  array: checkArray,
  object: checkObject,
  boolean: undefined,
};

/**
 * Refuses a converted schema that the API server would refuse or that would be unbounded. Its parts were checked before.
 *
 * @throws RefusedSchema naming the field and what it needs
 */
export function checkSchema(schema: StructuralSchema, path: string): void {
  if (schema['x-kubernetes-int-or-string'] === true) return;
  if (schema.type === undefined) return refuse(path, 'the field needs a type: union types cannot be expressed');
  CHECKS[schema.type]?.(schema, path);
}
