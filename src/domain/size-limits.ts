import type { ExecutionSpec } from './execution-spec.js';

/** Linux' MAX_ARG_STRLEN less the final NUL: one argument, or one variable as NAME=value. Longer, and execve fails with E2BIG. */
export const MAX_STRING_BYTES = 128 * 1024 - 1;
/** Room below etcd's and the API server's 1 MiB for the ConfigMap's metadata and JSON escapes. */
export const MAX_FROZEN_BYTES = 900 * 1024;

/** A rendered text, and in words where it comes from. */
type Part = readonly [where: string, text: string];

/**
 * Checks what schemas cannot: sizes in bytes after rendering.
 * @param frozenBytes size of the serialised ConfigMap
 * @returns undefined when everything fits, else a sentence that names the largest field
 */
export function sizeProblem({ runnerSpec, input }: ExecutionSpec, frozenBytes: number): string | undefined {
  const strings = processStrings(runnerSpec);
  const [where = '', text = ''] = largest(strings) ?? [];
  if (bytes(text) > MAX_STRING_BYTES) {
    return `${where} is larger than ${MAX_STRING_BYTES} bytes, the most a process takes; pass it as an input file`;
  }
  if (frozenBytes <= MAX_FROZEN_BYTES) return undefined;
  const [part] = largest([
    ...strings,
    ...runnerSpec.inputFiles.map(({ path, content }): Part => [`input file ${path}`, content]),
    ...Object.entries(input.parameters).map(([name, value]): Part => [`parameter ${name}`, value]),
    ...Object.entries(input.implementation).map(([name, value]): Part => {
      return [`${name} of the implementation`, typeof value === 'string' ? value : JSON.stringify(value)];
    }),
  ]) ?? ['an unknown part'];
  return `the rendered run is larger than ${MAX_FROZEN_BYTES} bytes; the largest part is ${part}`;
}

/** Says which argument or variable has a NUL: it ends a string for the system, so no process can be given one. */
export function nulProblem({ runnerSpec }: ExecutionSpec): string | undefined {
  const found = processStrings(runnerSpec).find(([, text]) => text.includes('\0'));
  return found && `${found[0]} has a NUL character, which no process can be given; pass it as an input file`;
}

/** What the system hands to the agent's process. */
function processStrings({ command: { binary, args, env } }: ExecutionSpec['runnerSpec']): Part[] {
  return [
    ['the program (spec.binary)', binary],
    ...args.map((arg, index): Part => [`argument ${index} (spec.argsTemplate[${index}])`, arg]),
    ...Object.entries(env).map(([name, value]): Part => [`environment variable ${name}`, `${name}=${value}`]),
  ];
}

function largest(parts: readonly Part[]): Part | undefined {
  return parts.toSorted(([, a], [, b]) => bytes(b) - bytes(a))[0];
}

function bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}
