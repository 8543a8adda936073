import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { CustomResourceDefinition } from '../../../hack/generate/crd.js';
import type { StructuralSchema } from '../../../hack/generate/structural.js';

/** The schema of one kind's objects, from the file that the chart ships. */
export function schemaOf(plural: string): StructuralSchema {
  const text = readFileSync(`charts/agents/crds/agents.proompteng.ai_${plural}.yaml`, 'utf8');
  const { spec } = parse(text) as CustomResourceDefinition;
  const [version] = spec['versions'] as { schema: { openAPIV3Schema: StructuralSchema } }[];
  return version!.schema.openAPIV3Schema;
}

/** A schema inside another one; `[]` stands for the items of a list, `{}` for the values of a map. */
export interface SchemaAt {
  path: string;
  schema: StructuralSchema;
}

/** Every schema below `spec` and `status`, those two included. */
export function walk(schema: StructuralSchema, path: string): SchemaAt[] {
  const fields = Object.entries(schema.properties ?? {});
  return [
    { path, schema },
    ...fields.flatMap(([field, child]) => walk(child, `${path}.${field}`)),
    ...(schema.items ? walk(schema.items, `${path}[]`) : []),
    ...(schema.additionalProperties ? walk(schema.additionalProperties, `${path}{}`) : []),
  ];
}

/** The paths that `value` has a value at, written as {@link walk} writes them. */
export function pathsIn(value: unknown, schema: StructuralSchema, path: string): string[] {
  if (Array.isArray(value)) return [path, ...value.flatMap((item) => pathsIn(item, schema.items ?? {}, `${path}[]`))];
  if (typeof value !== 'object' || value === null) return [path];
  const { properties, additionalProperties } = schema;
  return [
    path,
    ...Object.entries(value).flatMap(([key, child]) =>
      additionalProperties
        ? pathsIn(child, additionalProperties, `${path}{}`)
        : pathsIn(child, properties?.[key] ?? {}, `${path}.${key}`),
    ),
  ];
}
