import type { AgentProviderSpec } from '../../src/api/v1alpha1/agent-provider.types.js';
import type { AgentRunSpec } from '../../src/api/v1alpha1/agent-run.types.js';
import type { AgentSpec } from '../../src/api/v1alpha1/agent.types.js';
import type { ImplementationSpecSpec } from '../../src/api/v1alpha1/implementation-spec.types.js';

/** Of the sample repository, for runs in the namespace that it is served in. */
export const REPOSITORY_URL = 'http://git-server/sample.git';

/** What a test applies: no namespace, and nothing that the API server decides. */
export interface Applied {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec?: object;
  readonly data?: Readonly<Record<string, string>>;
  readonly stringData?: Readonly<Record<string, string>>;
  readonly type?: string;
}

function object(kind: string, name: string, spec: object): Applied {
  return { apiVersion: 'agents.proompteng.ai/v1alpha1', kind, metadata: { name }, spec };
}

/** An Agent of provider `shell` whose stopped pods end soon and whose runs have one attempt. */
export function anAgent(name: string, spec: Partial<AgentSpec> = {}): Applied {
  return object('Agent', name, {
    providerRef: { name: 'shell' },
    pod: { terminationGracePeriodSeconds: 8 },
    defaults: { timeoutSeconds: 120, retryLimit: 0 },
    ...spec,
  });
}

/** A provider that runs the parameter `script` of the run with bash. */
export function aProvider(name: string, spec: Partial<AgentProviderSpec> = {}): Applied {
  return object('AgentProvider', name, {
    binary: '/bin/bash',
    argsTemplate: ['-euc', '{{ parameters.script }}'],
    ...spec,
  });
}

export function anImplementation(name: string, spec: ImplementationSpecSpec): Applied {
  return object('ImplementationSpec', name, spec);
}

/** A run of Agent `worker` on the sample repository that carries its implementation. */
export function aRun(name: string, script: string, spec: Partial<AgentRunSpec> = {}): Applied {
  return object('AgentRun', name, {
    agentRef: { name: 'worker' },
    ...(spec.implementationRef === undefined && { implementation: { inline: { text: 'Do as the script says.' } } }),
    execution: { coordinates: { git: { url: REPOSITORY_URL } } },
    ...spec,
    parameters: { script, ...spec.parameters },
  });
}

/** A core/v1 Secret. */
export function aSecret(name: string, stringData: Readonly<Record<string, string>>, type = 'Opaque'): Applied {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name }, type, stringData };
}

/** A core/v1 ConfigMap. */
export function aConfigMap(name: string, data: Readonly<Record<string, string>>): Applied {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data };
}

/** A Memory; nothing connects to it. */
export function aMemory(name: string): Applied {
  return object('Memory', name, { type: 'postgres', connection: { secretRef: { name: `${name}-dsn` } } });
}
