import { parseArgs } from 'node:util';

/** Where the endpoint's key is: the CLI reads it by this name. */
export const KEY_VARIABLE = 'OPENAI_API_KEY';
const DEFAULT_BASE_URL = 'https://api.openai.com/v1';

/** How codex-agent was called. */
export interface Invocation {
  /** Files, relative to the working directory. */
  readonly promptFile: string;
  readonly patchFile: string;
  /** For the CLI, which reads the prompt from its standard input. */
  readonly cliArguments: readonly string[];
}

/**
 * @param args `--prompt FILE --patch FILE [--model MODEL] [-- ARGUMENT…]`; what follows `--` goes to the CLI as it is
 * @throws Error that says what is wrong with the arguments or the environment
 */
export function invocationOf(args: readonly string[], env: NodeJS.ProcessEnv): Invocation {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { prompt: { type: 'string' }, patch: { type: 'string' }, model: { type: 'string', default: '' } },
    allowPositionals: true,
  });
  const { prompt, patch, model } = values;
  if (prompt === undefined || patch === undefined) throw new Error('--prompt FILE and --patch FILE are needed');
  if ((env[KEY_VARIABLE] ?? '') === '') throw new Error(`${KEY_VARIABLE} is not set: it is the endpoint's key`);
  return {
    promptFile: prompt,
    patchFile: patch,
    cliArguments: [
      'exec',
      '--json',
      '--ephemeral',
      '--color=never',
      // The pod is the sandbox, and nobody is there to approve.
      '--dangerously-bypass-approvals-and-sandbox',
      ...settings(baseUrl(env)).flatMap((setting) => ['--config', setting]),
      // They would be fetched from elsewhere.
      '--disable=plugins',
      // Empty: the CLI's own default.
      ...(model === '' ? [] : [`--model=${model}`]),
      ...positionals,
      '-',
    ],
  };
}

function baseUrl(env: NodeJS.ProcessEnv): string {
  const url = env['OPENAI_BASE_URL'] ?? DEFAULT_BASE_URL;
  if (!/^https?:/.test(url) || !URL.canParse(url)) throw new Error('OPENAI_BASE_URL is no http or https URL');
  return url;
}

/** TOML, whose basic strings take what JSON's have. */
function settings(url: string): string[] {
  const [base_url, env_key] = [JSON.stringify(url), JSON.stringify(KEY_VARIABLE)];
  return [
    'model_provider="endpoint"',
    `model_providers.endpoint={name="endpoint",base_url=${base_url},wire_api="responses",env_key=${env_key}}`,
    // The commands that the model has executed do not inherit the key.
    `shell_environment_policy.exclude=[${env_key}]`,
    'analytics.enabled=false',
    'check_for_update_on_startup=false',
  ];
}
