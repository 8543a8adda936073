import type { AgentRun } from '../../api/v1alpha1/agent-run.types.js';
import { RUNNER_PATHS } from '../../domain/runner-contract.js';
import { RUNNER_SCHEMA_VERSION, type RunnerSpec } from '../../domain/runner-spec.js';
import { RenderBudget, renderTemplate, TemplateError, type TemplateVariables } from '../../domain/template.js';
import type { Environment } from './environment.resolve.js';
import type { References } from './references.resolve.js';

/** The provider's templates after rendering. */
export interface Rendered {
  args: string[];
  env: Record<string, string>;
  inputFiles: { path: string; content: string }[];
}

/** Between the runner's KILL and the kubelet's: the runner needs it to collect artifacts and report. */
const REPORT_SECONDS = 5;

/** @throws TemplateError that names the provider's field and the variable, or the limit that was passed */
export function renderProvider({ provider }: References, variables: TemplateVariables): Rendered {
  const budget = new RenderBudget();
  const render = (field: string, template: string): string => {
    try {
      return renderTemplate(template, variables, budget);
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      throw new TemplateError(`${field} of AgentProvider "${provider.metadata.name}": ${error.message}`);
    }
  };
  const { argsTemplate = [], envTemplate = {}, inputFiles = [] } = provider.spec;
  return {
    args: argsTemplate.map((template, index) => render(`spec.argsTemplate[${index}]`, template)),
    env: Object.fromEntries(
      Object.entries(envTemplate).map(([name, template]) => [name, render(`spec.envTemplate.${name}`, template)]),
    ),
    inputFiles: inputFiles.map(({ path, content }) => ({
      path,
      content: render(`spec.inputFiles "${path}"`, content),
    })),
  };
}

/** What agent-runner gets: rendered, so that nothing in it is interpreted again. */
export function runnerSpec(
  run: AgentRun,
  { provider }: References,
  rendered: Rendered,
  environment: Environment,
  settings: { timeoutSeconds: number; terminationGracePeriodSeconds: number; stores: boolean },
): RunnerSpec {
  const { git, workspace } = run.spec.execution.coordinates;
  return {
    schemaVersion: RUNNER_SCHEMA_VERSION,
    workspace: { root: workspace?.mountPath ?? RUNNER_PATHS.workspace },
    git,
    command: { binary: provider.spec.binary, args: rendered.args, env: environment.plain },
    inputFiles: rendered.inputFiles,
    outputArtifacts: provider.spec.outputArtifacts ?? [],
    ...(settings.stores && { artifactStore: { socket: RUNNER_PATHS.storeSocket } }),
    ...(provider.spec.failureRules && { failureRules: provider.spec.failureRules }),
    timeoutSeconds: settings.timeoutSeconds,
    gracePeriodSeconds: Math.max(1, settings.terminationGracePeriodSeconds - REPORT_SECONDS),
    maskEnv: environment.referenced.filter((entry) => 'secret' in entry).map(({ name }) => name),
    maskDirectories: [...grantDirectories(run), ...volumeDirectories(run)],
  };
}

/** Where the agent's container has the values of Secrets as files, for the masker to read. */
function grantDirectories({ spec }: AgentRun): string[] {
  return (spec.secrets ?? []).flatMap(({ keys, mountPath }, index) => {
    if (mountPath !== undefined) return [mountPath];
    return keys ? [] : [`${RUNNER_PATHS.maskedSecrets}/${index}`];
  });
}

function volumeDirectories({ spec }: AgentRun): string[] {
  return (spec.workload?.volumes ?? []).flatMap(({ secret, mountPath }) => (secret ? [mountPath] : []));
}
