import { describe, expect, it } from '@jest/globals';
import { RUNNER_SCHEMA_VERSION, type RunnerSpec } from '../domain/runner-spec.js';
import { parseRunnerSpec } from './runner-spec.js';

const valid: RunnerSpec = {
  schemaVersion: RUNNER_SCHEMA_VERSION,
  workspace: { root: '/workspace' },
  git: { url: 'https://example.org/a.git', ref: 'main', path: '.', depth: 1 },
  command: { binary: 'agent', args: ['', '-x'], env: { 'a.b': '', PATH: '/bin' } },
  inputFiles: [{ path: 'a/b', content: '' }],
  outputArtifacts: [{ name: 'r', path: 'r.md', key: 'k', required: true }],
  failureRules: [
    { class: 'RateLimited', exitCodes: [1], outputPattern: '429' },
    { class: 'AgentError', exitCodes: [2] },
  ],
  timeoutSeconds: 3600,
  gracePeriodSeconds: 0,
  maskEnv: ['TOKEN'],
  maskDirectories: ['/etc/secret'],
};

describe('parseRunnerSpec', () => {
  it('reads every field', () => {
    expect(parseRunnerSpec(JSON.stringify(valid))).toEqual(valid);
  });

  it('reads a spec without optional fields', () => {
    const spec = { ...valid, git: undefined, outputArtifacts: [{ name: 'r', path: 'r' }] };
    expect(parseRunnerSpec(JSON.stringify(spec))).toEqual(spec);
  });

  it.each<[string, unknown, string]>([
    [
      'another version',
      { ...valid, schemaVersion: 'v2' },
      'has schemaVersion "v2"; this agent-runner reads agents.proompteng.ai/runner/v1',
    ],
    ['no version', {}, 'has no schemaVersion'],
    ['no object', [], 'has no schemaVersion'],
    ['no workspace', { ...valid, workspace: undefined }, 'workspace must be an object'],
    ['a relative root', { ...valid, workspace: { root: 'w' } }, 'workspace.root must be an absolute path'],
    ['an empty binary', { ...valid, command: { ...valid.command, binary: '' } }, 'command.binary must not be empty'],
    [
      'an argument that is no string',
      { ...valid, command: { ...valid.command, args: ['a', 1] } },
      'command.args[1] must be a string',
    ],
    [
      'a NUL in an argument',
      { ...valid, command: { ...valid.command, args: ['\0'] } },
      'command.args[0] must not hold a NUL character',
    ],
    [
      'a variable with =',
      { ...valid, command: { ...valid.command, env: { 'A=B': '' } } },
      'command.env has a variable named "A=B"',
    ],
    ['a depth of 0', { ...valid, git: { url: 'u', depth: 0 } }, 'git.depth must be at least 1'],
    ['half a depth', { ...valid, git: { url: 'u', depth: 1.5 } }, 'git.depth must be a whole number'],
    [
      'a git.path outside',
      { ...valid, git: { url: 'u', path: 'a/../..' } },
      'git.path must not leave its directory: "a/../.."',
    ],
    ['no timeout', { ...valid, timeoutSeconds: null }, 'timeoutSeconds must be a number'],
    [
      'a timeout in milliseconds',
      { ...valid, timeoutSeconds: 3_600_000_000 },
      'timeoutSeconds must be at most 31536000',
    ],
    [
      'an absolute artifact',
      { ...valid, outputArtifacts: [{ name: 'a', path: '/a' }] },
      'outputArtifacts[0].path must be a relative path, not "/a"',
    ],
    [
      'a required that is text',
      { ...valid, outputArtifacts: [{ name: 'a', path: 'a', required: 'yes' }] },
      'outputArtifacts[0].required must be true or false',
    ],
    [
      'a failure class that no rule may give',
      { ...valid, failureRules: [{ class: 'Evicted' }] },
      'failureRules[0].class must be one of AgentError, RateLimited, QuotaExhausted, AuthFailed',
    ],
    [
      'an exit code that is text',
      { ...valid, failureRules: [{ class: 'AuthFailed', exitCodes: ['1'] }] },
      'failureRules[0].exitCodes must be a list of whole numbers',
    ],
    [
      'a pattern that is none',
      { ...valid, failureRules: [{ class: 'AuthFailed', outputPattern: '(' }] },
      'failureRules[0].outputPattern is not a regular expression of RE2: ',
    ],
  ])('refuses %s', (_, document, message) => {
    expect(() => parseRunnerSpec(JSON.stringify(document))).toThrow(message);
  });

  it('refuses text that is not JSON', () => {
    expect(() => parseRunnerSpec('{')).toThrow("the runner's spec is not JSON");
  });
});
