import { RE2JS, RE2JSException } from 're2js';
import type { FailureRule } from '../api/v1alpha1/agent-provider.types.js';
import type { RuleFailureClass } from '../api/v1alpha1/failure-class.js';
import { patternSize } from './pattern-size.js';

/** How much of the end of the output a pattern sees, in bytes. */
export const RULE_OUTPUT_BYTES = 64 << 10;

/** Each byte of the output may take this many steps: a second or two in all. Twice the longest pattern without counts. */
const MAX_PATTERN_SIZE = 2000;

/**
 * What is wrong with a rule's `outputPattern`, or undefined. The syntax is RE2's (https://github.com/google/re2/wiki/Syntax),
 * which has neither backreferences nor lookaround and takes time in proportion to the text, whatever the agent prints.
 */
export function patternProblem(pattern: string): string | undefined {
  // Before it is compiled, which alone would take seconds.
  if (patternSize(pattern) > MAX_PATTERN_SIZE)
    return `too large: with its counted repetitions written out it has more than ${MAX_PATTERN_SIZE} steps`;
  try {
    RE2JS.compile(pattern);
    return undefined;
  } catch (error) {
    if (error instanceof RE2JSException) return `not a regular expression of RE2: ${error.message}`;
    throw error;
  }
}

/** The class of the first rule of which everything that is set matches; `output` is the end of what the agent printed. */
export function failureClassOf(
  rules: readonly FailureRule[],
  exitCode: number,
  output: string,
): RuleFailureClass | undefined {
  return rules.find(
    ({ exitCodes, outputPattern }) =>
      (exitCodes === undefined || exitCodes.includes(exitCode)) &&
      (outputPattern === undefined || RE2JS.compile(outputPattern).matcher(output).find()),
  )?.class;
}
