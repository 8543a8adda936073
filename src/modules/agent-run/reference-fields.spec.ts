import { describe, it } from '@jest/globals';
import { content, expectOf, type FieldRow, source } from '../../../test/support/field-effects.js';

describe('a workload gets', () => {
  it.each<FieldRow>([
    [
      'a program and its arguments [AgentProvider spec.{binary,argsTemplate}]',
      { provider: { binary: '/opt/coder', argsTemplate: ['--task', '{{ implementation.text }}'] } },
      { runner: { command: { binary: '/opt/coder', args: ['--task', 'Fix the login.'] } } },
    ],
    [
      'variables [AgentProvider spec.envTemplate]',
      { provider: { envTemplate: { TASK: 'for {{ agent.name }}' } } },
      { runner: { command: { env: { TASK: 'for coder' } } } },
    ],
    [
      'files [AgentProvider spec.inputFiles.{path,content}]',
      { provider: { inputFiles: [{ path: '.coder/task.md', content: '# {{ implementation.text }}' }] } },
      { runner: { inputFiles: [{ path: '.coder/task.md', content: '# Fix the login.' }] } },
    ],
    [
      'artifacts [AgentProvider spec.outputArtifacts.{name,path,required}]',
      { provider: { outputArtifacts: [{ name: 'patch', path: 'out/a.patch', required: true }] } },
      {
        runner: { outputArtifacts: [{ name: 'patch', path: 'out/a.patch', required: true }] },
        input: { artifacts: [{ name: 'patch', path: 'out/a.patch' }] },
      },
    ],
    [
      'an image [AgentProvider spec.image]',
      { provider: { image: 'example/coder:2' } },
      { agent: { image: 'example/coder:2' }, resolved: { image: 'example/coder:2' } },
    ],
    [
      'agent-runner in an image without it [AgentProvider spec.runner]',
      { provider: { runner: 'inject' } },
      {
        agent: { command: ['/run/agent-runner/node', '/run/agent-runner/agent-runner'] },
        steps: ['install-runner', 'checkout'],
      },
    ],
    [
      'its own credentials [AgentProvider spec.secretEnv.{name,optional,secretRef.name,secretRef.key}]',
      { provider: { secretEnv: [{ name: 'API_KEY', secretRef: { name: 'model', key: 'k' }, optional: true }] } },
      {
        agent: { env: { API_KEY: { valueFrom: { secretKeyRef: { name: 'model', key: 'k', optional: true } } } } },
        runner: { maskEnv: ['API_KEY'] },
      },
    ],
  ])('from its provider: %s', (_name, parts, expected) => {
    expectOf(parts, expected);
  });

  it.each<FieldRow>([
    [
      'words of an ImplementationSpec [ImplementationSpec spec.{text,summary,description,acceptanceCriteria,labels}]',
      { implementation: { ...content, text: 'Do it.' } },
      { input: { implementation: { ...content, text: 'Do it.' } } },
    ],
    [
      'where they came from [ImplementationSpec spec.source.{provider,externalId,url}]',
      { implementation: { source }, provider: { argsTemplate: ['{{ implementation.source.url }}'] } },
      { input: { implementation: { source } }, runner: { command: { args: [source.url] } } },
    ],
    [
      'what its Memory is [Memory spec.{type,capabilities}]',
      {
        memory: { type: 'redis', capabilities: ['kv'] },
        provider: { argsTemplate: ['{{ memory.type }}', '{{ memory.capabilities | join }}'] },
      },
      {
        input: { memory: { name: 'notes', type: 'redis', capabilities: ['kv'] } },
        runner: { command: { args: ['redis', 'kv'] } },
      },
    ],
  ])('from what it refers to: %s', (_name, parts, expected) => {
    expectOf(parts, expected);
  });
});
