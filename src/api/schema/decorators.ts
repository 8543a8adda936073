import { extendClass, extendField, type ScalarSchema, type SchemaExtension } from './registry.js';

/** Merges what the compiler plugin cannot read into a field's schema. */
export function Schema(extension: SchemaExtension): PropertyDecorator {
  return (prototype, field) => extendField(prototype.constructor, String(field), extension);
}

/** A value that the API server writes when the field is absent; never on a field that inherits from another object. */
export function Default(value: unknown): PropertyDecorator {
  return Schema({ default: value });
}

/** A regular expression (RE2) that the whole text must match; anchor it. */
export function Pattern(pattern: string): PropertyDecorator {
  return Schema({ pattern });
}

/** A list of objects that are told apart by `keys`: server-side apply merges it entry by entry. */
export function ListMap(keys: readonly string[], maxItems: number): PropertyDecorator {
  return Schema({ listType: 'map', listMapKeys: keys, maxItems });
}

/** A list of distinct scalars without an order. */
export function ListSet(maxItems: number, items?: ScalarSchema): PropertyDecorator {
  return Schema({ listType: 'set', maxItems, ...(items && { items }) });
}

/** A list whose order matters: one writer replaces it whole. */
export function AtomicList(maxItems: number, items?: ScalarSchema): PropertyDecorator {
  return Schema({ listType: 'atomic', maxItems, ...(items && { items }) });
}

/** A map from text to scalars. */
export function MapOf(maxProperties: number, values: ScalarSchema): PropertyDecorator {
  return Schema({ maxProperties, values });
}

/** A time as RFC 3339 text. */
export function Time(): PropertyDecorator {
  return Schema({ format: 'date-time' });
}

/** Kubernetes' quantity, never negative. */
const QUANTITY: ScalarSchema = {
  intOrString: true,
  minimum: 0,
  maxLength: 32,
  pattern: '^([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$',
};

/** An amount in Kubernetes' notation: `2`, `500m`, `4Gi`. */
export function IsQuantity(): PropertyDecorator {
  return Schema(QUANTITY);
}

/** A map from a resource's name to its quantity. */
export function QuantityMap(maxProperties: number): PropertyDecorator {
  return MapOf(maxProperties, QUANTITY);
}

/** A CEL rule on a field or on a whole class; `message` says what to do, not only what is wrong. */
export function Rule(rule: string, message: string): PropertyDecorator & ClassDecorator {
  return (target: object, field?: string | symbol) => {
    const extension = { rules: [{ rule, message }] };
    if (field === undefined) extendClass(target, extension);
    else extendField(target.constructor, String(field), extension);
  };
}

const isPresent = (field: string): string => `has(self.${field})`;

function count(fields: readonly string[]): string {
  return `[${fields.map(isPresent).join(', ')}].filter(x, x).size()`;
}

/** Exactly one of the optional fields must be set. */
export function ExactlyOneOf(fields: readonly string[], message: string): ClassDecorator {
  const [first, second, ...more] = fields.map(isPresent);
  const rule = more.length === 0 ? `${String(first)} != ${String(second)}` : `${count(fields)} == 1`;
  return Rule(rule, message);
}

/** At least one of the optional fields must be set. */
export function AtLeastOneOf(fields: readonly string[], message: string): ClassDecorator {
  return Rule(fields.map(isPresent).join(' || '), message);
}

/** No two of the optional fields may be set. */
export function AtMostOneOf(fields: readonly string[], message: string): ClassDecorator {
  return Rule(`${count(fields)} <= 1`, message);
}

/**
 * Only the fields of `except` may change after creation. The generator writes one rule for the whole object that
 * compares presence and value of each field: a rule on a field does not fire when the field appears or goes.
 */
export function ImmutableExcept(except: readonly string[], message: string): ClassDecorator {
  return (target) => extendClass(target, { immutable: { except, message } });
}
