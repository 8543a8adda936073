import { describe, expect, it } from '@jest/globals';
import { checkTemplate, renderTemplate, TemplateError, type TemplateVariables } from './template.js';

const variables: TemplateVariables = {
  run: { name: 'r1', namespace: 'ns', uid: 'u1' },
  agent: { name: 'a1' },
  implementation: {
    text: 'Do it {{ run.uid }} $(HOME) `id`\nnext',
    summary: 'sum',
    description: '',
    acceptanceCriteria: ['one', 'two'],
    labels: ['l'],
    source: { provider: 'linear', externalId: 'LIN-1', url: '' },
  },
  parameters: { model: 'small' },
  git: { url: 'https://git.example/x.git', ref: '', path: '.' },
  workspace: { path: '/workspace/repository' },
  memory: { name: '', type: '', capabilities: [] },
};

describe('a template is accepted when it parses and uses known variables', () => {
  it.each([
    ['plain text', 'hello'],
    ['a member', '{{ run.name }}'],
    ['any parameter', '{{ parameters.anything }}'],
    ['a list', '{% for c in implementation.acceptanceCriteria %}- {{ c }}\n{% endfor %}'],
    ['an assigned local variable', '{% assign x = git.url %}{{ x }}'],
    ['an optional parameter', '{% if parameters.model %}{{ parameters.model }}{% endif %}'],
    ['a filter', '{{ implementation.text | strip | upcase }}'],
    ['a nested member', '{{ implementation.source.externalId }}'],
  ])('%s', (_name, source) => {
    expect(checkTemplate(source)).toBeUndefined();
  });
});

describe('a template is refused with a sentence that says what is wrong', () => {
  it.each([
    ['an unknown root', '{{ issue.title }}', 'unknown variable "issue.title"; known are run, agent, implementation,'],
    ['an unknown member', '{{ run.nam }}', 'unknown variable "run.nam"; known are run.name, run.namespace, run.uid'],
    ['an unknown member below source', '{{ implementation.source.id }}', 'unknown variable "implementation.source.id"'],
    ['the environment', '{{ env.TOKEN }}', 'unknown variable "env.TOKEN"'],
    ['an unknown name inside a condition', '{% if nope %}x{% endif %}', 'unknown variable "nope"'],
    ['an unclosed tag', '{% if run.name %}', 'tag {% if run.name %} not closed'],
    ['an unclosed output', '{{ run.name', 'not closed'],
    ['an unknown filter', '{{ run.name | nope }}', 'undefined filter: nope'],
    ['an include', '{% include "x" %}', 'the tag "include" is not allowed'],
    ['a render', '{% render "x" %}', 'the tag "render" is not allowed'],
    ['a layout', '{% layout "x" %}', 'the tag "layout" is not allowed'],
  ])('%s', (_name, source, message) => {
    expect(checkTemplate(source)).toContain(message);
  });
});

describe('rendering', () => {
  it('fills variables in', () => {
    expect(renderTemplate('{{ run.name }}/{{ parameters.model }}', variables)).toBe('r1/small');
  });

  it('keeps text that looks like a template, a shell expansion or a Kubernetes expansion as it is', () => {
    expect(renderTemplate('{{ implementation.text }}', variables)).toBe(variables.implementation.text);
  });

  it.each([
    [
      'a missing parameter',
      '{{ parameters.branch }}',
      'the variable "parameters.branch" has no value; set it on the run',
    ],
    ['an inherited property', '{{ parameters.constructor }}', 'the variable "parameters.constructor" has no value'],
    ['an endless loop', '{% for i in (1..100000000) %}x{% endfor %}', 'limit'],
  ])('%s is an error that names it', (_name, source, message) => {
    const render = () => renderTemplate(source, variables);
    expect(render).toThrow(TemplateError);
    expect(render).toThrow(message);
  });

  it('treats a parameter that is asked for in a condition as optional', () => {
    expect(renderTemplate('{% if parameters.branch %}x{% else %}none{% endif %}', variables)).toBe('none');
  });
});
