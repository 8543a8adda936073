import { describe, expect, it } from '@jest/globals';
import { leafKey, taggedLeaves, withoutTags } from './field-tags.js';

const leavesOf = (title: string): string[] => taggedLeaves(title).map(leafKey);

describe('the tags of a title', () => {
  it.each([
    ['one field', 'stops it [AgentRun spec.cancel]', ['AgentRun spec.cancel']],
    [
      'a list in braces',
      'runs as [Agent spec.pod.{runAsUser,fsGroup}]',
      ['Agent spec.pod.runAsUser', 'Agent spec.pod.fsGroup'],
    ],
    [
      'several paths',
      'has [AgentProvider spec.binary spec.image]',
      ['AgentProvider spec.binary', 'AgentProvider spec.image'],
    ],
    [
      'several kinds',
      'has [ImplementationSpec spec.text] [ImplementationSource spec.suspend]',
      ['ImplementationSpec spec.text', 'ImplementationSource spec.suspend'],
    ],
    ['words in brackets that are none', 'keeps [] and [Job spec.suspend] and [Agent]', []],
  ])('name %s', (_name, title, leaves) => {
    expect(leavesOf(title)).toEqual(leaves);
  });

  it('are no part of what a reader sees', () => {
    expect(withoutTags('a run › stops it (again) [AgentRun spec.cancel] [Agent spec.limits.maxConcurrentRuns]')).toBe(
      'a run › stops it (again)',
    );
  });
});
