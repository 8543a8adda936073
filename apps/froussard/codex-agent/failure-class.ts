import type { RuleFailureClass } from '../../../src/api/v1alpha1/failure-class.js';

/**
 * The CLI's own words for what the endpoint answered; its events have no code. Only how a text begins counts: what follows
 * is the endpoint's.
 */
const CLASSES: readonly (readonly [RegExp, RuleFailureClass])[] = [
  [/^(?:exceeded retry limit, last status:|unexpected status) 429\b/, 'RateLimited'],
  [/^(?:Quota exceeded\.|You've hit your usage limit\b)/, 'QuotaExhausted'],
  [/^(?:exceeded retry limit, last status:|unexpected status) 40[13]\b/, 'AuthFailed'],
];

/** The class of what made the CLI give up; undefined for everything that is not about limits and credentials. */
export function failureClassOf(failure: string | undefined): RuleFailureClass | undefined {
  return CLASSES.find(([pattern]) => pattern.test(failure ?? ''))?.[1];
}
