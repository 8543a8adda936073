/** The part of JSON Schema that values.schema.json uses; a keyword that is not known here makes `placesOf` throw. */
export interface Schema {
  [keyword: string]: unknown;
}

/** One rule at one place of the values. */
export interface Place {
  /** Where the schema says it; for `required` with the name of the property, as each is a rule of its own. */
  rule: string;
  keyword: string;
  /** The schema that holds the keyword, as the very object: a validator that reports it can be checked by identity. */
  schema: Schema | false;
  /** Where a value can break it. */
  path: readonly (string | number)[];
}

const SILENT = new Set(['$schema', 'title', 'description', 'definitions']);
const ASSERTIONS = new Set([
  'type',
  'enum',
  'const',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'pattern',
  'uniqueItems',
  'minProperties',
  'maxProperties',
]);

/** Every rule of the schema, at every place where it holds: a definition used twice gives its rules twice. */
export function placesOf(root: Schema): Place[] {
  return walk(root, '#', [], root);
}

function walk(schema: Schema | false, pointer: string, path: Place['path'], root: Schema): Place[] {
  if (schema === false) return [{ rule: pointer, keyword: 'false schema', schema, path }];
  return Object.entries(schema).flatMap(([keyword, value]): Place[] => {
    const at = `${pointer}/${keyword}`;
    const into = (child: unknown, step: string, ...rest: Place['path']) =>
      walk(child as Schema | false, `${at}${step}`, [...path, ...rest], root);
    if (SILENT.has(keyword)) return [];
    const here: Place = { rule: at, keyword, schema, path };
    if (ASSERTIONS.has(keyword)) return [here];
    switch (keyword) {
      case '$ref':
        return walk(resolve(value as string, root), value as string, path, root);
      case 'required':
        return (value as string[]).map((name) => ({ rule: `${at}/${name}`, keyword, schema, path }));
      case 'properties':
        return Object.entries(value as Schema).flatMap(([name, child]) => into(child, `/${name}`, name));
      case 'items':
        return into(value, '', 0);
      case 'additionalProperties':
        return value === false ? [here] : into(value, '', 'some-key');
      case 'anyOf':
      case 'oneOf':
        return (value as Schema[]).reduce((all, branch, index) => all.concat(into(branch, `/${index}`)), [here]);
      default:
        throw new Error(`values.schema.json: no tests for the keyword ${at}`);
    }
  });
}

function resolve(reference: string, root: Schema): Schema {
  return reference
    .split('/')
    .slice(1)
    .reduce((schema, step) => schema[step] as Schema, root);
}

/** A values document that has `value` at `path`, beside what `document` has. */
export function withValue(document: unknown, [step, ...rest]: Place['path'], value: unknown): unknown {
  if (step === undefined) return value;
  if (typeof step === 'number') return [withValue((document as unknown[] | undefined)?.[step], rest, value)];
  return {
    ...(document as object | undefined),
    [step]: withValue((document as Schema | undefined)?.[step], rest, value),
  };
}

/** Whether a value at one of the places would be part of a value at the other. */
export function overlap(one: Place, other: Place): boolean {
  const length = Math.min(one.path.length, other.path.length);
  return one.path.slice(0, length).join('/') === other.path.slice(0, length).join('/');
}

/** The chart's defaults with a user's values over them, as Helm does it: maps merge, null removes, everything else replaces. */
export function coalesce(defaults: unknown, values: unknown): unknown {
  if (!isMap(defaults) || !isMap(values)) return values;
  const merged = Object.entries(values).map(
    ([key, value]) => [key, key in defaults ? coalesce(defaults[key], value) : value] as const,
  );
  return Object.fromEntries(
    Object.entries({ ...defaults, ...Object.fromEntries(merged) }).filter(([, value]) => value !== null),
  );
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
