import type { Quantity, Resources } from '../../api/v1alpha1/workload.types.js';
import type { ContainerResources } from '../../domain/execution-spec.js';

/**
 * Requests and limits of the agent's container; what the run says of a resource replaces what the Agent does, whichever
 * field says it. The flat fields are requests, and for memory and scratch space limits as well: what is not compressible
 * must not be taken from the neighbours.
 */
export function resolveResources(agent: Resources | undefined, run: Resources | undefined): ContainerResources {
  const [defaults, own] = [asked(agent), asked(run)];
  return {
    requests: { ...defaults.requests, ...own.requests },
    limits: { ...defaults.limits, ...own.limits },
  };
}

/** What one object asks for: its maps win over its flat fields. */
function asked({ cpu, memory, ephemeralStorage, requests, limits }: Resources = {}): ContainerResources {
  const bounded = { memory, 'ephemeral-storage': ephemeralStorage };
  return { requests: texts({ cpu, ...bounded, ...requests }), limits: texts({ ...bounded, ...limits }) };
}

function texts(quantities: Readonly<Record<string, Quantity | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(quantities).flatMap(([name, quantity]) =>
      quantity === undefined ? [] : [[name, String(quantity)]],
    ),
  );
}
