import type { Agent } from '../api/v1alpha1/agent.types.js';
import type { AgentProvider } from '../api/v1alpha1/agent-provider.types.js';

/**
 * The first Secret of the provider's `secretEnv` that its Agent's `security.allowedSecrets` does not name, in words and with
 * the remedy; undefined when all are allowed. Asked where an Agent is judged and again where the Secrets are used: a verdict on
 * the Agent may be older than the provider.
 */
export function providerSecretProblem({ spec }: Agent, provider: AgentProvider): string | undefined {
  const { security } = spec;
  const denied = provider.spec.secretEnv?.find(({ secretRef }) => !security?.allowedSecrets?.includes(secretRef.name));
  if (!denied) return undefined;
  return `AgentProvider "${provider.metadata.name}" needs the Secret "${denied.secretRef.name}" for ${denied.name}; add it to spec.security.allowedSecrets`;
}
