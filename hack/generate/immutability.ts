import type { CelRule, ClassExtension } from '../../src/api/schema/registry.js';
import { RefusedSchema } from './structural.js';

/** Words that CEL reserves: a field of that name would need escaping. */
const RESERVED = new Set([
  'true',
  'false',
  'null',
  'in',
  'as',
  'break',
  'const',
  'continue',
  'else',
  'for',
  'function',
]);
const MORE_RESERVED = ['if', 'import', 'let', 'loop', 'package', 'namespace', 'return', 'var', 'void', 'while'];
for (const word of MORE_RESERVED) RESERVED.add(word);

function unchanged(field: string, isRequired: boolean): string {
  const equal = `self.${field} == oldSelf.${field}`;
  return isRequired ? equal : `has(self.${field}) == has(oldSelf.${field}) && (!has(self.${field}) || ${equal})`;
}

/**
 * One rule for the whole object: presence and value of every field but the excepted ones are as they were.
 * A rule on each field would not fire when an optional field appears or goes.
 *
 * @throws RefusedSchema when an excepted field does not exist or a name cannot be written in CEL
 */
export function immutabilityRule(
  fields: readonly string[],
  required: readonly string[],
  { except, message }: NonNullable<ClassExtension['immutable']>,
  path: string,
): CelRule {
  const stray = except.find((field) => !fields.includes(field));
  if (stray !== undefined) throw new RefusedSchema(path, `${stray} may change but is not a field`);
  const reserved = fields.find((field) => RESERVED.has(field));
  if (reserved !== undefined) throw new RefusedSchema(path, `${reserved} is a reserved word of CEL: rename the field`);
  const compared = fields.filter((field) => !except.includes(field));
  return { rule: compared.map((field) => unchanged(field, required.includes(field))).join(' && '), message };
}
