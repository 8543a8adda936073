import { describe, expect, it } from '@jest/globals';
import type { FailureRule } from '../api/v1alpha1/agent-provider.types.js';
import { failureClassOf, patternProblem, RULE_OUTPUT_BYTES } from './failure-rule.js';

const RULES: FailureRule[] = [
  { class: 'AuthFailed', exitCodes: [7], outputPattern: '(?i)unauthorized' },
  { class: 'RateLimited', outputPattern: 'HTTP 429\\b' },
  { class: 'QuotaExhausted', exitCodes: [7, 8] },
];

describe('failureRules', () => {
  it.each([
    ['both conditions of a rule that sets both', 7, 'status: Unauthorized\n', 'AuthFailed'],
    ['only the output, under any exit code', 1, 'HTTP 429 Too Many Requests', 'RateLimited'],
    ['only the exit code, whatever was printed', 8, '', 'QuotaExhausted'],
    ['a later rule when half of the first matches', 7, 'done', 'QuotaExhausted'],
    ['the first of several', 8, 'HTTP 429', 'RateLimited'],
    ['none', 1, 'HTTP 4290', undefined],
  ])('match %s', (_, exitCode, output, expected) => {
    expect(failureClassOf(RULES, exitCode, output)).toBe(expected);
  });

  it('take no longer than the text is long for a pattern that others backtrack over', () => {
    const hostile = `${'a'.repeat(RULE_OUTPUT_BYTES)}!`;
    expect(failureClassOf([{ class: 'RateLimited', outputPattern: '(a+)+$' }], 1, hostile)).toBeUndefined();
  });

  it.each([
    ['quota (exceeded|reached)', undefined],
    ['(unclosed', 'not a regular expression of RE2: '],
    ['(?=lookahead)', 'not a regular expression of RE2: '],
    ['(a)\\1', 'not a regular expression of RE2: '],
    ['a{1000}b{900}', undefined],
    ['(?:(?:ab?){100}){10}', 'too large: '],
    ['(?:a?){999999999999}', 'too large: '],
  ])('with the pattern %s have the problem %s', (pattern, problem) => {
    if (problem === undefined) expect(patternProblem(pattern)).toBeUndefined();
    else expect(patternProblem(pattern)).toContain(problem);
  });
});
