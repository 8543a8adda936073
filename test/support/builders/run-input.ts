import type { AgentRun } from '../../../src/api/v1alpha1/agent-run.types.js';
import type { RunInput } from '../../../src/modules/agent-run/agent-run.plan.js';
import type { Observation } from '../../../src/modules/runtime/observation.types.js';

const notAsked = (what: string) => () => {
  throw new Error(`${what} is not asked for here`);
};

/** What is known of a run whose earlier attempts left nothing behind and that gets a slot when it asks for one. */
export function anInput(run: AgentRun, observation: Observation, more: Partial<RunInput> = {}): RunInput {
  return {
    run,
    observation,
    earlier: { state: 'absent' },
    confirmed: true,
    resolve: notAsked('resolve'),
    admit: () => ({ kind: 'granted' }),
    defaultTtlSeconds: () => 604_800,
    ...more,
  };
}
