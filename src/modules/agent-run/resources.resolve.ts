import type { Quantity, Resources } from '../../api/v1alpha1/workload.types.js';
import type { ContainerResources } from '../../domain/execution-spec.js';

/**
 * Requests and limits of the agent's container; each field of the run replaces the Agent's. The flat fields are requests,
 * and for memory and scratch space limits as well: what is not compressible must not be taken from the neighbours.
 */
export function resolveResources(agent: Resources | undefined, run: Resources | undefined): ContainerResources {
  const cpu = run?.cpu ?? agent?.cpu;
  const memory = run?.memory ?? agent?.memory;
  const storage = run?.ephemeralStorage ?? agent?.ephemeralStorage;
  const bounded = { memory, 'ephemeral-storage': storage };
  return {
    requests: texts({ cpu, ...bounded, ...agent?.requests, ...run?.requests }),
    limits: texts({ ...bounded, ...agent?.limits, ...run?.limits }),
  };
}

function texts(quantities: Readonly<Record<string, Quantity | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(quantities).flatMap(([name, quantity]) =>
      quantity === undefined ? [] : [[name, String(quantity)]],
    ),
  );
}
