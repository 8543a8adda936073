import { describe, expect, it, jest } from '@jest/globals';
import { checkTemplate, RenderBudget, renderTemplate, TemplateError, type TemplateVariables } from './template.js';

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

const render = (source: string, budget = new RenderBudget()) => renderTemplate(source, variables, budget);

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
    expect(render('{{ run.name }}/{{ parameters.model }}')).toBe('r1/small');
  });

  it('keeps text that looks like a template, a shell expansion or a Kubernetes expansion as it is', () => {
    expect(render('{{ implementation.text }}')).toBe(variables.implementation.text);
  });

  it.each([
    [
      'a missing parameter',
      '{{ parameters.branch }}',
      'the variable "parameters.branch" has no value; set it on the run',
    ],
    ['an inherited property', '{{ parameters.constructor }}', 'the variable "parameters.constructor" has no value'],
  ])('%s is an error that names it', (_name, source, message) => {
    expect(() => render(source)).toThrow(TemplateError);
    expect(() => render(source)).toThrow(message);
  });

  it('treats a parameter that is asked for in a condition as optional', () => {
    expect(render('{% if parameters.branch %}x{% else %}none{% endif %}')).toBe('none');
  });
});

describe('the budget of a run', () => {
  const loop = (passes: number) => `{% for i in (1..${passes}) %}x{% endfor %}`;

  it.each([
    ['a range of many items', loop(100_000_000), '16777216 characters'],
    ['a loop of many passes', loop(100_000), '100000 steps'],
    ['a loop without a body', '{% for i in (1..150000) %}{% endfor %}', '100000 steps'],
    [
      'loops in loops',
      `${'{% for i in (1..10) %}'.repeat(6)}x${'{% endfor %}'.repeat(6)}`,
      '100000 steps and no more, line:1',
    ],
    ['filters on long texts', '{% for i in (1..2000) %}{{ text | upcase }}{% endfor %}', '16777216 characters'],
    ['a long output', '{% for i in (1..2000) %}{{ text }}{% endfor %}', '16777216 characters'],
  ])('is passed by %s', (_name, source, message) => {
    const text = `{% assign text = implementation.text | append: "${'x'.repeat(10_000)}" %}`;
    expect(() => render(text + source)).toThrow(TemplateError);
    expect(() => render(text + source)).toThrow(`may take ${message}`);
  });

  it('is one for all its templates', () => {
    const budget = new RenderBudget();
    expect(render(loop(40_000), budget)).toHaveLength(40_000);
    expect(() => render(loop(40_000), budget)).toThrow('100000 steps');
    expect(render(loop(40_000))).toHaveLength(40_000);
  });

  it('does not depend on how fast the machine is', () => {
    const clock = jest.spyOn(performance, 'now');
    let now = 0;
    clock.mockImplementation(() => (now += 60_000));
    expect(render(loop(10))).toBe('x'.repeat(10));
    clock.mockRestore();
  });
});
