import type { ExecutionSpec } from './execution-spec.js';

/** Linux' MAX_ARG_STRLEN less the final NUL: longer, and execve fails with E2BIG. */
export const MAX_STRING_BYTES = 128 * 1024 - 1;
/** Room below etcd's and the API server's 1 MiB for the ConfigMap's metadata and JSON escapes. */
export const MAX_FROZEN_BYTES = 900 * 1024;

/**
 * Checks what schemas cannot: sizes in bytes after rendering.
 * @param frozenBytes size of the serialised ConfigMap
 * @returns undefined when everything fits, else a sentence that names the largest field
 */
export function sizeProblem({ runnerSpec }: ExecutionSpec, frozenBytes: number): string | undefined {
  const { args, env } = runnerSpec.command;
  const strings: [string, number][] = [
    ...args.map((arg, index): [string, number] => [`argument ${index} (spec.argsTemplate[${index}])`, bytes(arg)]),
    ...Object.entries(env).map(([name, value]): [string, number] => [`environment variable ${name}`, bytes(value)]),
  ];
  const string = largest(strings);
  if (string && string[1] > MAX_STRING_BYTES) {
    return `${string[0]} is larger than ${MAX_STRING_BYTES} bytes, the most a process takes; pass it as an input file`;
  }
  if (frozenBytes <= MAX_FROZEN_BYTES) return undefined;
  const files = runnerSpec.inputFiles.map((file): [string, number] => [`input file ${file.path}`, bytes(file.content)]);
  const field = largest([...strings, ...files]);
  return `the rendered run is larger than ${MAX_FROZEN_BYTES} bytes${field ? `; the largest part is ${field[0]}` : ''}`;
}

function largest(fields: readonly [string, number][]): [string, number] | undefined {
  return fields.toSorted((a, b) => b[1] - a[1])[0];
}

function bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}
