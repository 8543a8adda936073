import type { AgentRun } from '../../api/v1alpha1/agent-run.types.js';
import type { AgentInput } from '../../domain/execution-spec.js';
import { normaliseText } from '../../domain/normalise.js';
import { RUNNER_PATHS } from '../../domain/runner-contract.js';
import type { TemplateVariables } from '../../domain/template.js';
import type { References } from './references.resolve.js';

/** The values of a provider's template variables for a run; what the run leaves out is an empty text. */
export function templateVariables(run: AgentRun, { implementation, memory }: References): TemplateVariables {
  const { git, workspace } = run.spec.execution.coordinates;
  const content = implementation?.spec ?? run.spec.implementation?.inline ?? {};
  const { namespace = '', name, uid } = run.metadata;
  return {
    run: { name, namespace, uid },
    agent: { name: run.spec.agentRef.name },
    implementation: {
      text: normaliseText(content.text ?? content.description ?? content.summary ?? ''),
      summary: content.summary ?? '',
      description: content.description ?? '',
      acceptanceCriteria: content.acceptanceCriteria ?? [],
      labels: content.labels ?? [],
      source: {
        provider: content.source?.provider ?? '',
        externalId: content.source?.externalId ?? '',
        url: content.source?.url ?? '',
      },
    },
    parameters: run.spec.parameters ?? {},
    git: { url: git.url, ref: git.ref ?? '', path: git.path ?? '' },
    workspace: { path: `${workspace?.mountPath ?? RUNNER_PATHS.workspace}/${RUNNER_PATHS.repository}` },
    memory: {
      name: memory?.metadata.name ?? '',
      type: memory?.spec.type ?? '',
      capabilities: memory?.spec.capabilities ?? [],
    },
  };
}

/** What the agent itself may read of its run; a memory only when it has one. */
export function agentInput(variables: TemplateVariables, { provider, memory }: References): AgentInput {
  const { run, agent, implementation, parameters, git } = variables;
  return {
    run,
    agent,
    implementation,
    parameters,
    git,
    ...(memory && { memory: variables.memory }),
    artifacts: (provider.spec.outputArtifacts ?? []).map(({ name, path }) => ({ name, path })),
  };
}
