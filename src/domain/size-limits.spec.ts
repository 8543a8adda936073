import { describe, expect, it } from '@jest/globals';
import { anExecution } from '../../test/support/builders/execution.js';
import type { ExecutionSpec } from './execution-spec.js';
import { MAX_FROZEN_BYTES, MAX_STRING_BYTES, nulProblem, sizeProblem } from './size-limits.js';

type Command = Partial<ExecutionSpec['runnerSpec']['command']>;

function withCommand(command: Command): ExecutionSpec {
  const execution = anExecution();
  return {
    ...execution,
    runnerSpec: { ...execution.runnerSpec, command: { ...execution.runnerSpec.command, ...command } },
  };
}

describe('the longest string that a process takes', () => {
  it.each<[string, Command, string | undefined]>([
    ['an argument that just fits', { args: ['x'.repeat(MAX_STRING_BYTES)] }, undefined],
    [
      'an argument of a byte more',
      { args: ['-c', 'x'.repeat(MAX_STRING_BYTES + 1)] },
      'argument 1 (spec.argsTemplate[1])',
    ],
    ['an argument that is counted in bytes', { args: ['😀'.repeat(32 * 1024)] }, 'argument 0 (spec.argsTemplate[0])'],
    ['a variable that just fits with its name', { env: { TEXT: 'x'.repeat(MAX_STRING_BYTES - 5) } }, undefined],
    ['a variable of a byte more', { env: { TEXT: 'x'.repeat(MAX_STRING_BYTES - 4) } }, 'environment variable TEXT'],
  ])('%s', (_name, command, part) => {
    const problem = sizeProblem(withCommand(command), 0);
    if (part === undefined) expect(problem).toBeUndefined();
    else
      expect(problem).toBe(`${part} is larger than 131071 bytes, the most a process takes; pass it as an input file`);
  });
});

describe('the most that a ConfigMap takes', () => {
  const execution = anExecution();
  const long = 'x'.repeat(1000);

  it.each<[string, ExecutionSpec]>([
    ['argument 0 (spec.argsTemplate[0])', withCommand({ args: [long] })],
    ['environment variable TEXT', withCommand({ env: { TEXT: long } })],
    [
      'input file task.md',
      { ...execution, runnerSpec: { ...execution.runnerSpec, inputFiles: [{ path: 'task.md', content: long }] } },
    ],
    ['parameter notes', { ...execution, input: { ...execution.input, parameters: { notes: long } } }],
    [
      'acceptanceCriteria of the implementation',
      {
        ...execution,
        input: {
          ...execution.input,
          implementation: { ...execution.input.implementation, acceptanceCriteria: [long] },
        },
      },
    ],
  ])('names as the largest part the %s', (part, each) => {
    expect(sizeProblem(each, MAX_FROZEN_BYTES)).toBeUndefined();
    expect(sizeProblem(each, MAX_FROZEN_BYTES + 1)).toBe(
      `the rendered run is larger than 921600 bytes; the largest part is ${part}`,
    );
  });
});

describe('a NUL', () => {
  it.each<[string, Command, string | undefined]>([
    ['is nowhere', {}, undefined],
    ['is in the program', { binary: '/bin/sh\0' }, 'the program (spec.binary)'],
    ['is in an argument', { args: ['-c', 'a\0b'] }, 'argument 1 (spec.argsTemplate[1])'],
    ['is in a variable', { env: { TEXT: '\0' } }, 'environment variable TEXT'],
  ])('%s', (_name, command, part) => {
    const problem = nulProblem(withCommand(command));
    expect(problem).toBe(
      part && `${part} has a NUL character, which no process can be given; pass it as an input file`,
    );
  });
});
