import 'reflect-metadata';
import { plainToInstance } from 'class-transformer';
import { type ValidationError, validateSync } from 'class-validator';
import { Config } from './config.js';
import { ConfigError } from './config.error.js';
import { CONFIG_VARIABLES, type ConfigVariable } from './config.variables.js';

/** Where settings come from. */
export interface ConfigSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Namespace of the pod's service account, when there is one. */
  readonly serviceAccountNamespace: () => string | undefined;
  readonly hostname: () => string;
}

/**
 * The settings of this process.
 *
 * @throws ConfigError with every problem at once: who fixes one at a time restarts once for each
 */
export function readConfig(sources: ConfigSources): Config {
  const problems: string[] = [];
  const missing = new Set<string>();
  const tree: Tree = {};
  for (const variable of CONFIG_VARIABLES) {
    if (variable.needs !== undefined && given(variable.needs, sources) === undefined) {
      if (given(variable.name, sources) !== undefined) problems.push(`${variable.name} needs ${variable.needs}`);
      continue;
    }
    const text = valueOf(variable, sources);
    if (text === undefined && variable.optional !== undefined) continue;
    if (text !== undefined) {
      place(tree, variable.path.split('.'), parse(variable, text));
      continue;
    }
    // A variable that another one would have stood in for is no second problem.
    const named = variable.fallback?.some((name) => missing.has(name)) ?? false;
    if (!named) problems.push(`${variable.name} is required: ${variable.description}`);
    missing.add(variable.name);
  }
  const config = plainToInstance(Config, tree);
  for (const problem of validate(config)) {
    if (!missing.has(problem.variable)) problems.push(`${problem.variable} ${problem.text}`);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return deepFreeze(config);
}

type Tree = { [name: string]: unknown };

function valueOf(variable: ConfigVariable, sources: ConfigSources): string | undefined {
  for (const name of [variable.name, ...(variable.fallback ?? [])]) {
    const text = given(name, sources);
    if (text !== undefined) return text;
  }
  if (variable.path === 'kubernetes.namespace') return sources.serviceAccountNamespace();
  if (variable.path === 'leaderElection.identity') return sources.hostname();
  return variable.default;
}

/** A variable that is empty was not given: a chart cannot leave one out as easily. */
function given(name: string, { env }: ConfigSources): string | undefined {
  const text = env[name]?.trim();
  return text === '' ? undefined : text;
}

function parse({ kind }: ConfigVariable, text: string): unknown {
  switch (kind) {
    case 'text':
      return text;
    case 'integer':
      // Number('') and Number('0x10') are numbers too; what is left over fails as NaN in the validation.
      return /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text;
    case 'namespaces':
      return parseNamespaces(text);
  }
}

function parseNamespaces(text: string): string | string[] {
  if (text === '') return 'own';
  if (text === '*') return '*';
  return [...new Set(text.split(',').map((name) => name.trim()))];
}

function place(tree: Tree, [head = '', ...rest]: string[], value: unknown): void {
  if (rest.length === 0) {
    tree[head] = value;
    return;
  }
  const branch = (tree[head] ?? {}) as Tree;
  tree[head] = branch;
  place(branch, rest, value);
}

function validate(config: Config): { variable: string; text: string }[] {
  const errors = validateSync(config, { stopAtFirstError: true, validationError: { target: false, value: false } });
  return errors.flatMap((error) => flatten(error, ''));
}

function flatten(error: ValidationError, parent: string): { variable: string; text: string }[] {
  const path = parent + error.property;
  const own = Object.values(error.constraints ?? {}).map((message) => ({
    variable: CONFIG_VARIABLES.find((variable) => variable.path === path)?.name ?? path,
    text: message.replace('each value in ', '').replace(`${error.property} `, ''),
  }));
  return [...own, ...(error.children ?? []).flatMap((child) => flatten(child, `${path}.`))];
}

function deepFreeze<T extends object>(value: T): T {
  for (const child of Object.values(value))
    if (typeof child === 'object' && child !== null) deepFreeze(child as object);
  return Object.freeze(value);
}
