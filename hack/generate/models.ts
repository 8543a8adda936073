import { getMetadataStorage } from 'class-validator';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { extendedFields } from '../../src/api/schema/registry.js';

/** A class of src/api: the compiler plugin gave it a description of its fields. */
export type Model = abstract new (...args: never[]) => unknown;

/**
 * Every class exported by the built `*.types.js` files of a directory, by name: OpenAPI knows models by name only.
 *
 * @throws Error when two classes share a name
 */
export async function loadModels(directory: string): Promise<Map<string, Model>> {
  const models = new Map<string, Model>();
  const files = (await readdir(directory)).filter((file) => file.endsWith('.types.js')).toSorted();
  for (const file of files) {
    const exported = (await import(pathToFileURL(join(directory, file)).href)) as Record<string, unknown>;
    for (const [name, value] of Object.entries(exported)) {
      if (typeof value !== 'function') continue;
      if (models.has(name)) throw new Error(`${file}: another file exports a class ${name} too: rename one`);
      models.set(name, value as Model);
    }
  }
  return models;
}

/** The names of all fields of a model that carry a decorator, inherited ones included. */
export function decoratedFields(model: Model): string[] {
  const validated = getMetadataStorage().getTargetValidationMetadatas(model, '', false, false);
  return [...new Set([...validated.map((metadata) => metadata.propertyName), ...extendedFields(model)])];
}
