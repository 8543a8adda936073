import type { OperatorDefaults } from '../../../src/modules/agent-run/execution.resolve.js';

/** What an operator gives to runs. */
export function operatorDefaults(more: Partial<OperatorDefaults> = {}): OperatorDefaults {
  return {
    defaultImage: 'operator/agent:1',
    checkoutImage: 'operator/checkout:1',
    runnerImage: 'operator/runner:1',
    timeoutSeconds: 3600,
    retryLimit: 2,
    retryBackoffSeconds: 10,
    ttlSecondsAfterFinished: 604_800,
    ...more,
  };
}
