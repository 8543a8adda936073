import { describe, expect, it } from '@jest/globals';
import { invocationOf } from './invocation.js';

const FILES = ['--prompt=prompt.md', '--patch=out/changes.patch'];
const ENV = { OPENAI_API_KEY: 'a-key', OPENAI_BASE_URL: 'http://endpoint:8080/v1' };

describe('the invocation of the CLI', () => {
  it('is one that asks nobody, tells nobody else and reads the prompt from standard input', () => {
    expect(invocationOf(FILES, ENV)).toEqual({
      promptFile: 'prompt.md',
      patchFile: 'out/changes.patch',
      cliArguments: [
        'exec',
        '--json',
        '--ephemeral',
        '--color=never',
        '--dangerously-bypass-approvals-and-sandbox',
        '--config',
        'model_provider="endpoint"',
        '--config',
        'model_providers.endpoint={name="endpoint",base_url="http://endpoint:8080/v1",wire_api="responses",env_key="OPENAI_API_KEY"}',
        '--config',
        'shell_environment_policy.exclude=["OPENAI_API_KEY"]',
        '--config',
        'analytics.enabled=false',
        '--config',
        'check_for_update_on_startup=false',
        '--disable=plugins',
        '-',
      ],
    });
  });

  it('is for OpenAI’s own endpoint unless another is named', () => {
    const { cliArguments } = invocationOf(FILES, { OPENAI_API_KEY: 'a-key' });
    expect(cliArguments.join()).toContain('base_url="https://api.openai.com/v1"');
  });

  it('names the model when there is one', () => {
    const withModel = (model: string): readonly string[] =>
      invocationOf([...FILES, `--model=${model}`], ENV).cliArguments.filter((argument) => argument.includes('model='));
    expect([withModel('local-1'), withModel('')]).toEqual([['--model=local-1'], []]);
  });

  it('passes on what follows --, before the place of the prompt', () => {
    const { cliArguments } = invocationOf([...FILES, '--', '--config', 'model_reasoning_effort="low"'], ENV);
    expect(cliArguments.slice(-3)).toEqual(['--config', 'model_reasoning_effort="low"', '-']);
  });

  it('never holds the key', () => {
    expect(JSON.stringify(invocationOf(FILES, ENV))).not.toContain(ENV.OPENAI_API_KEY);
  });

  it('quotes what would end the setting', () => {
    const { cliArguments } = invocationOf(FILES, { ...ENV, OPENAI_BASE_URL: 'http://endpoint/v1"}\n' });
    expect(cliArguments.join()).toContain(String.raw`base_url="http://endpoint/v1\"}\n"`);
  });

  it.each([
    [['--patch=p'], ENV, /--prompt FILE and --patch FILE are needed/],
    [['--prompt=p'], ENV, /--prompt FILE and --patch FILE are needed/],
    [[...FILES, '--verbose'], ENV, /--verbose/],
    [FILES, {}, /OPENAI_API_KEY is not set/],
    [FILES, { OPENAI_API_KEY: '' }, /OPENAI_API_KEY is not set/],
    [FILES, { ...ENV, OPENAI_BASE_URL: 'endpoint/v1' }, /OPENAI_BASE_URL is no http or https URL/],
    [FILES, { ...ENV, OPENAI_BASE_URL: 'ftp://endpoint/v1' }, /OPENAI_BASE_URL is no http or https URL/],
    [FILES, { ...ENV, OPENAI_BASE_URL: 'http://' }, /OPENAI_BASE_URL is no http or https URL/],
  ])('is refused for %j with %j', (args, env, message) => {
    expect(() => invocationOf(args, env)).toThrow(message);
  });
});
