import type { AgentRun } from '../../api/v1alpha1/agent-run.types.js';
import { INVALID_REASONS } from '../../api/v1alpha1/reasons.js';
import { RUNNER_ENV, START_ENV } from '../../domain/runner-contract.js';
import type { Environment } from './environment.resolve.js';
import type { Invalid } from './state.types.js';

/** Whether the environment takes a variable that the runner sets, or the run one that the runner itself would start with. */
export function reservedVariable(run: AgentRun, { plain, referenced }: Environment): Invalid | undefined {
  const own: readonly string[] = Object.values(RUNNER_ENV);
  const taken = [...Object.keys(plain), ...referenced.map(({ name }) => name)].find((name) => own.includes(name));
  if (taken !== undefined) return invalid(`the environment variable ${taken} is set by agent-runner; use another name`);
  // What the Agent and the provider set is their admin's choice, and so is a whole Secret that the Agent allows.
  const chosen = (run.spec.secrets ?? []).flatMap(({ keys = [] }) => keys.map(({ env }) => env));
  const start = chosen.find((name) => START_ENV.includes(name));
  return start === undefined
    ? undefined
    : invalid(
        `spec.secrets[].keys: the environment variable ${start} changes how agent-runner itself starts; use another name`,
      );
}

function invalid(message: string): Invalid {
  return { kind: 'invalid', reason: INVALID_REASONS.ReservedVariable, message };
}
