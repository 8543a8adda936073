/** A CEL rule of `x-kubernetes-validations`; the message tells the user what to do. */
export interface CelRule {
  rule: string;
  message: string;
}

/** Bounds of a list's items or a map's values where they are not objects. */
export interface ScalarSchema {
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  pattern?: string;
  intOrString?: boolean;
}

/** What the compiler plugin cannot read off a field: merged into its structural schema by the generator. */
export interface SchemaExtension extends ScalarSchema {
  format?: 'date-time' | 'int32' | 'int64';
  default?: unknown;
  minItems?: number;
  maxItems?: number;
  maxProperties?: number;
  listType?: 'map' | 'set' | 'atomic';
  listMapKeys?: readonly string[];
  items?: ScalarSchema;
  values?: ScalarSchema;
  rules?: readonly CelRule[];
}

/** What a class says of itself: rules over its fields, and which of them may change after creation. */
export interface ClassExtension {
  rules: readonly CelRule[];
  immutable?: { except: readonly string[]; message: string };
}

type Constructor = abstract new (...args: never[]) => unknown;

const fields = new Map<object, Map<string, SchemaExtension>>();
const classes = new Map<object, ClassExtension>();

function lineage(start: Constructor): Constructor[] {
  const parent: unknown = Object.getPrototypeOf(start);
  return typeof parent === 'function' && parent !== Function.prototype
    ? [...lineage(parent as Constructor), start]
    : [start];
}

/** Adds to what is known of one field; lists of rules are joined, everything else is replaced. */
export function extendField(owner: object, field: string, extension: SchemaExtension): void {
  const known = fields.get(owner) ?? new Map<string, SchemaExtension>();
  const before = known.get(field);
  // Decorators run from the last to the first: the rules keep the order in which they are written.
  known.set(field, { ...before, ...extension, rules: [...(extension.rules ?? []), ...(before?.rules ?? [])] });
  fields.set(owner, known);
}

/** Adds to what is known of a class. */
export function extendClass(owner: object, extension: Partial<ClassExtension>): void {
  const before = classes.get(owner);
  classes.set(owner, { ...before, ...extension, rules: [...(extension.rules ?? []), ...(before?.rules ?? [])] });
}

/** The extension of a field, inherited ones included; empty when nothing was said. */
export function fieldExtension(owner: Constructor, field: string): SchemaExtension {
  return Object.assign({}, ...lineage(owner).map((type) => fields.get(type)?.get(field))) as SchemaExtension;
}

/** The names of all fields of a class about which something was said, inherited ones included. */
export function extendedFields(owner: Constructor): string[] {
  return lineage(owner).flatMap((type) => Array.from(fields.get(type)?.keys() ?? []));
}

/** The extension of a class; rules of its bases come first. */
export function classExtension(owner: Constructor): ClassExtension {
  const known = lineage(owner).flatMap((type) => classes.get(type) ?? []);
  const immutable = known.findLast((entry) => entry.immutable)?.immutable;
  return { rules: known.flatMap((entry) => entry.rules), ...(immutable && { immutable }) };
}
