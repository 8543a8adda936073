import type { Agent } from '../../api/v1alpha1/agent.types.js';
import type { AgentProvider } from '../../api/v1alpha1/agent-provider.types.js';
import type { AgentRun } from '../../api/v1alpha1/agent-run.types.js';
import type { ReferencedEnv } from '../../domain/execution-spec.js';

/** The agent's environment: text that is known now, and values that the kubelet fetches. No name is in both. */
export interface Environment {
  plain: Record<string, string>;
  referenced: ReferencedEnv[];
}

type Entry = { name: string; value: string } | ReferencedEnv;

/**
 * Merges the environment; the later wins: provider's template, provider's secrets, Agent, run's secrets.
 * @param rendered the provider's envTemplate after rendering
 */
export function mergeEnvironment(
  rendered: Readonly<Record<string, string>>,
  provider: AgentProvider,
  agent: Agent,
  run: AgentRun,
): Environment {
  const entries: Entry[] = [
    ...Object.entries(rendered).map(([name, value]) => ({ name, value })),
    ...(provider.spec.secretEnv ?? []).map(({ name, secretRef, optional }) => ({
      name,
      secret: { name: secretRef.name, key: secretRef.key, ...(optional && { optional }) },
    })),
    ...(agent.spec.env ?? []).map(agentEntry),
    ...(run.spec.secrets ?? []).flatMap(({ name: secret, keys = [] }) =>
      keys.map(({ key, env }) => ({ name: env, secret: { name: secret, key } })),
    ),
  ];
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const merged = [...byName.values()];
  return {
    plain: Object.fromEntries(merged.flatMap((entry) => ('value' in entry ? [[entry.name, entry.value]] : []))),
    referenced: merged.filter((entry): entry is ReferencedEnv => !('value' in entry)),
  };
}

function agentEntry({ name, value, valueFrom }: NonNullable<Agent['spec']['env']>[number]): Entry {
  if (valueFrom?.secretKeyRef) return { name, secret: valueFrom.secretKeyRef };
  if (valueFrom?.configMapKeyRef) return { name, configMap: valueFrom.configMapKeyRef };
  return { name, value: value ?? '' };
}
