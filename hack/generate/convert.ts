import {
  classExtension,
  fieldExtension,
  type ScalarSchema,
  type SchemaExtension,
} from '../../src/api/schema/registry.js';
import { decoratedFields, type Model } from './models.js';
import type { OpenApiSchema } from './openapi.js';
import { checkSchema } from './refuse.js';
import { inOrder, RefusedSchema, type StructuralSchema } from './structural.js';
import { immutabilityRule } from './immutability.js';

const REF_PREFIX = '#/components/schemas/';
/** Keywords that mean the same in both; everything else is converted, dropped or refused. */
const KEPT = [
  'description',
  'enum',
  'format',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'minItems',
] as const;
/** Keywords that are converted, or dropped on purpose: examples have no place in a structural schema. */
const CONVERTED = [
  'type',
  'items',
  'properties',
  'required',
  'additionalProperties',
  '$ref',
  'allOf',
  'example',
  'examples',
];
const KNOWN = new Set<string>([...KEPT, ...CONVERTED]);

/** The models of one OpenAPI document and the classes behind them. */
export interface Models {
  schemas: Readonly<Record<string, OpenApiSchema>>;
  classes: ReadonlyMap<string, Model>;
}

function pick(schema: OpenApiSchema): StructuralSchema {
  return Object.fromEntries(KEPT.filter((key) => key in schema).map((key) => [key, schema[key]]));
}

function scalar({ intOrString, ...bounds }: ScalarSchema): StructuralSchema {
  if (intOrString !== true) return bounds;
  return { ...bounds, anyOf: [{ type: 'integer' }, { type: 'string' }], 'x-kubernetes-int-or-string': true };
}

/** `$ref`, also as the only member of an `allOf` beside which a description stands; undefined for a schema of its own. */
function referenceOf(schema: OpenApiSchema, path: string): string | undefined {
  const parts = schema['allOf'];
  if (Array.isArray(parts)) {
    const [only] = parts as OpenApiSchema[];
    if (parts.length !== 1 || only === undefined)
      throw new RefusedSchema(path, 'allOf can be flattened only when it has one member');
    return referenceOf(only, path);
  }
  const reference = schema['$ref'];
  return typeof reference === 'string' ? reference.slice(REF_PREFIX.length) : undefined;
}

function typeOf(type: unknown, path: string): StructuralSchema {
  switch (type) {
    case undefined:
      return {};
    case 'number':
      // The API has no floating point numbers: JSON parsers disagree about them.
      return { type: 'integer', format: 'int64' };
    case 'string':
    case 'boolean':
    case 'object':
    case 'array':
      return { type };
    default:
      throw new RefusedSchema(path, `type ${JSON.stringify(type)} cannot be expressed`);
  }
}

/** The compiler plugin leaves out, in silence, a field that it cannot read. */
function checkNothingLost(owner: Model, described: readonly string[], path: string): void {
  const lost = decoratedFields(owner).find((field) => !described.includes(field));
  if (lost !== undefined) throw new RefusedSchema(`${path}.${lost}`, 'the compiler plugin could not read the field');
}

/** Turns the models of an OpenAPI document into structural schemas: everything inlined, nothing unbounded. */
export class Converter {
  readonly #models: Models;

  constructor(models: Models) {
    this.#models = models;
  }

  /**
   * The structural schema of a class, with the description given.
   *
   * @throws RefusedSchema naming the field that cannot be expressed
   */
  model(
    name: string,
    description: string | undefined,
    path: string,
    parents: readonly string[] = [],
  ): StructuralSchema {
    const schema = this.#models.schemas[name];
    const owner = this.#models.classes.get(name);
    if (schema === undefined || owner === undefined) throw new RefusedSchema(path, `${name} is not a class of src/api`);
    if (parents.includes(name)) throw new RefusedSchema(path, `${name} holds itself: a structural schema cannot`);
    const fields = Object.entries((schema['properties'] ?? {}) as Record<string, OpenApiSchema>);
    const properties = Object.fromEntries(
      fields.map(([field, property]) => [
        field,
        this.#field(property, fieldExtension(owner, field), `${path}.${field}`, [...parents, name]),
      ]),
    );
    checkNothingLost(owner, Object.keys(properties), path);
    const required = (schema['required'] ?? []) as string[];
    const { rules, immutable } = classExtension(owner);
    const allRules = immutable
      ? [...rules, immutabilityRule(Object.keys(properties), required, immutable, path)]
      : rules;
    return inOrder({
      ...(description !== undefined && { description }),
      type: 'object',
      ...(required.length > 0 && { required }),
      ...(allRules.length > 0 && { 'x-kubernetes-validations': allRules }),
      properties,
    });
  }

  #field(
    schema: OpenApiSchema,
    extension: SchemaExtension,
    path: string,
    parents: readonly string[],
  ): StructuralSchema {
    const description = schema['description'];
    if (typeof description !== 'string' || description === '')
      throw new RefusedSchema(path, 'the field needs a doc comment');
    return this.#convert({ ...schema, description: description.replace(/\s+/g, ' ') }, extension, path, parents);
  }

  #convert(
    schema: OpenApiSchema,
    extension: SchemaExtension,
    path: string,
    parents: readonly string[],
  ): StructuralSchema {
    const unknown = Object.keys(schema).find((key) => !KNOWN.has(key));
    if (unknown !== undefined)
      throw new RefusedSchema(path, `the keyword ${unknown} cannot be expressed in a structural schema`);
    const base = this.#base(schema, path, parents);
    const converted = this.#extend(base, schema, extension, path, parents);
    checkSchema(converted, path);
    return converted;
  }

  #base(schema: OpenApiSchema, path: string, parents: readonly string[]): StructuralSchema {
    const reference = referenceOf(schema, path);
    const description = typeof schema['description'] === 'string' ? schema['description'] : undefined;
    if (reference !== undefined) return this.model(reference, description, path, parents);
    return { ...pick(schema), ...typeOf(schema['type'], path) };
  }

  #extend(
    base: StructuralSchema,
    schema: OpenApiSchema,
    extension: SchemaExtension,
    path: string,
    parents: readonly string[],
  ): StructuralSchema {
    const { listType, listMapKeys, items, values, rules = [], ...own } = extension;
    const { type, ...untyped } = { ...base, ...scalar(own) };
    const allRules = [...(base['x-kubernetes-validations'] ?? []), ...rules];
    return inOrder({
      ...untyped,
      ...(type !== undefined && own.intOrString !== true && { type }),
      ...(listType && { 'x-kubernetes-list-type': listType }),
      ...(listMapKeys && { 'x-kubernetes-list-map-keys': listMapKeys }),
      ...(allRules.length > 0 && { 'x-kubernetes-validations': allRules }),
      ...this.#content(schema, { items, values }, path, parents),
    });
  }

  /** What a list or map holds; scalars get the bounds that the field's decorator gave. */
  #content(
    schema: OpenApiSchema,
    bounds: { items: ScalarSchema | undefined; values: ScalarSchema | undefined },
    path: string,
    parents: readonly string[],
  ): Pick<StructuralSchema, 'items' | 'additionalProperties'> {
    if (schema['type'] === 'array') {
      return {
        items: this.#convert((schema['items'] ?? {}) as OpenApiSchema, bounds.items ?? {}, `${path}[]`, parents),
      };
    }
    const values = schema['additionalProperties'];
    if (values === undefined) return {};
    const known = values === true ? {} : (values as OpenApiSchema);
    return { additionalProperties: this.#convert(known, bounds.values ?? {}, `${path}{}`, parents) };
  }
}
