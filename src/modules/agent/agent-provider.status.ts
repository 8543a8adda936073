import { type DesiredCondition, mergeConditions } from '../../api/meta/condition.js';
import type { AgentProvider, AgentProviderStatus } from '../../api/v1alpha1/agent-provider.types.js';
import { CONDITIONS } from '../../api/v1alpha1/conditions.js';
import { READY_REASONS } from '../../api/v1alpha1/reasons.js';
import { isArtifactKey } from '../../domain/artifact-store.js';
import { patternProblem } from '../../domain/failure-rule.js';
import { RUNNER_ENV } from '../../domain/runner-contract.js';
import { checkTemplate } from '../../domain/template.js';

/** Ready: every template parses and uses known variables, no variable of the runner is taken, and each pattern is one. */
export function agentProviderStatus(provider: AgentProvider, now: Date): AgentProviderStatus {
  const generation = provider.metadata.generation ?? 0;
  return {
    conditions: mergeConditions(provider.status?.conditions, [readiness(provider)], now, generation),
    observedGeneration: generation,
  };
}

function readiness({ spec }: AgentProvider): DesiredCondition {
  const {
    argsTemplate = [],
    envTemplate = {},
    inputFiles = [],
    secretEnv = [],
    outputArtifacts = [],
    failureRules = [],
  } = spec;
  const reserved = [...Object.keys(envTemplate), ...secretEnv.map(({ name }) => name)].find((name) =>
    Object.values<string>(RUNNER_ENV).includes(name),
  );
  if (reserved) return notReady(READY_REASONS.InvalidSpec, `${reserved} is set by agent-runner; use another name`);
  const templates: [field: string, source: string][] = [
    ...argsTemplate.map((source, index): [string, string] => [`spec.argsTemplate[${index}]`, source]),
    ...Object.entries(envTemplate).map(([name, source]): [string, string] => [`spec.envTemplate.${name}`, source]),
    ...inputFiles.map(({ path, content }): [string, string] => [`spec.inputFiles "${path}"`, content]),
  ];
  for (const [field, source] of templates) {
    const problem = checkTemplate(source);
    if (problem) return notReady(READY_REASONS.InvalidTemplate, `${field}: ${problem}`);
  }
  const climbing = outputArtifacts.find(({ key }) => key !== undefined && !isArtifactKey(key));
  if (climbing) {
    const message = `spec.outputArtifacts "${climbing.name}" has a key with an empty segment, "..", "." or a control character`;
    return notReady(READY_REASONS.InvalidSpec, message);
  }
  for (const [index, { outputPattern }] of failureRules.entries()) {
    const problem = outputPattern === undefined ? undefined : patternProblem(outputPattern);
    if (problem) return notReady(READY_REASONS.InvalidSpec, `spec.failureRules[${index}].outputPattern is ${problem}`);
  }
  return { type: CONDITIONS.Ready, status: 'True', reason: READY_REASONS.Ready, message: '' };
}

function notReady(reason: string, message: string): DesiredCondition {
  return { type: CONDITIONS.Ready, status: 'False', reason, message };
}
