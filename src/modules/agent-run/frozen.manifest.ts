import { LABELS } from '../../api/meta/labels.js';
import { childName, labelValue } from '../../api/meta/names.js';
import type { KubernetesObject } from '../../api/meta/object.js';
import { controllerReference } from '../../api/meta/owner-reference.js';
import type { AgentRun } from '../../api/v1alpha1/agent-run.types.js';
import { contentHash } from '../../domain/content-hash.js';
import type { AgentInput, ExecutionSpec } from '../../domain/execution-spec.js';
import { FROZEN_KEYS, RUNNER_PATHS } from '../../domain/runner-contract.js';
import type { RunnerSpec } from '../../domain/runner-spec.js';
import type { Resolved } from './state.types.js';

/** A ConfigMap with an ExecutionSpec in it. */
export interface FrozenConfigMap extends KubernetesObject {
  data?: Record<string, string>;
}

/** Name of the ConfigMap that holds a run's frozen ExecutionSpec. */
export function frozenName(run: AgentRun): string {
  return childName(run.metadata.name, run.metadata.uid, 'spec');
}

/** The immutable ConfigMap of a run: what every attempt uses, whatever becomes of the objects it was made from. */
export function frozenManifest(run: AgentRun, execution: ExecutionSpec): object {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: frozenName(run),
      namespace: run.metadata.namespace,
      labels: {
        'app.kubernetes.io/managed-by': 'jangar',
        [LABELS.agentRun]: labelValue(run.metadata.name),
        [LABELS.agentRunUid]: run.metadata.uid,
      },
      ownerReferences: [controllerReference(run)],
    },
    immutable: true,
    data: frozenData(execution),
  };
}

/** Reads an ExecutionSpec back. @throws SyntaxError when the data is not what this control plane writes */
export function readFrozen({ data = {} }: FrozenConfigMap): ExecutionSpec {
  return {
    ...(JSON.parse(data[FROZEN_KEYS.execution] ?? '') as Omit<ExecutionSpec, 'runnerSpec' | 'input'>),
    runnerSpec: JSON.parse(data[FROZEN_KEYS.runnerSpec] ?? '') as RunnerSpec,
    input: JSON.parse(data[FROZEN_KEYS.agentInput] ?? '') as AgentInput,
  };
}

/** Size of the data as it is sent, in bytes. */
export function frozenBytes(execution: ExecutionSpec): number {
  return new TextEncoder().encode(JSON.stringify(frozenData(execution))).length;
}

/** `status.resolved` of a frozen execution; one that an older version froze has no policy, and gives none. */
export function resolvedOf(execution: ExecutionSpec): Resolved {
  return {
    image: execution.image,
    executionSpecHash: `sha256:${contentHash(JSON.stringify(frozenData(execution)))}`,
    agentGeneration: execution.agent.generation,
    providerGeneration: execution.provider.generation,
    ...(execution.implementationSourceVersion !== undefined && {
      implementationSourceVersion: execution.implementationSourceVersion,
    }),
    ...(execution.input.memory && { memory: execution.input.memory.name }),
    timeoutSeconds: execution.timeoutSeconds,
    ...execution.policy,
  };
}

function frozenData({ runnerSpec, input, ...execution }: ExecutionSpec): Record<string, string> {
  return {
    [FROZEN_KEYS.execution]: JSON.stringify(execution),
    [FROZEN_KEYS.runnerSpec]: JSON.stringify(runnerSpec),
    [FROZEN_KEYS.agentInput]: JSON.stringify(input),
    [FROZEN_KEYS.passwd]: passwd(execution.pod.runAsUser),
  };
}

/** passwd(5): the agent's uid has a name and a home, else ssh and git refuse to run. */
function passwd(uid: number): string {
  return `root:x:0:0:root:/root:/sbin/nologin\nagent:x:${uid}:${uid}:agent:${RUNNER_PATHS.home}:/bin/sh\n`;
}
