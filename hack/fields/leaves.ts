import { globSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Leaf } from '../../test/support/field-tags.js';
import type { StructuralSchema } from '../generate/structural.js';

/** What is read of a CustomResourceDefinition. */
interface Definition {
  readonly spec: {
    readonly names: { readonly kind: string };
    readonly versions: readonly { readonly schema: { readonly openAPIV3Schema: StructuralSchema } }[];
  };
}

/** What the API server itself knows of every object. */
const COMMON = ['apiVersion', 'kind', 'metadata'];

/**
 * Everything of a kind that holds a value, in the order of the schema. A list or a map of objects has the leaves of its objects;
 * one of scalars is a leaf, and so is an object that says by being there.
 */
export function leavesOf(kind: string, { properties = {} }: StructuralSchema): Leaf[] {
  return Object.entries(properties)
    .filter(([name]) => !COMMON.includes(name))
    .flatMap(([name, schema]) => pathsBelow(schema, name))
    .map((path) => ({ kind, path }));
}

function pathsBelow(schema: StructuralSchema, path: string): string[] {
  const of = schema.items ?? schema.additionalProperties;
  if (of !== undefined) return pathsBelow(of, path);
  const children = Object.entries(schema.properties ?? {});
  if (children.length === 0) return [path];
  return children.flatMap(([name, child]) => pathsBelow(child, `${path}.${name}`));
}

/** The leaves of every kind as the generated CustomResourceDefinitions have them; the working directory is the repository's root. */
export function leavesOfDefinitions(): Leaf[] {
  return globSync('charts/agents/crds/*.yaml')
    .toSorted()
    .flatMap((file) => {
      const { spec } = parse(readFileSync(file, 'utf8')) as Definition;
      return spec.versions.flatMap(({ schema }) => leavesOf(spec.names.kind, schema.openAPIV3Schema));
    });
}
