import { describe, expect, it } from '@jest/globals';
import { leafKey } from './field-tags.js';
import { TestTitles } from './test-titles.js';

const titles = new TestTitles(`
  describe('a queue', () => {
    it('holds a key once (always)', () => {});
    it.each([['the first', 1], ['the last', 2]] satisfies Row[])('gives %s of its keys', () => {});
    describe('of none', () => {
      for (const kind of KINDS) it(\`has no \${kind}\`, () => {});
    });
  });
  describe.each(['Job', 'Pod'])('a %s', (kind) => {
    it<Row>('is trimmed', () => {});
  });
  const ROWS = ['a row elsewhere [Memory spec.type]'];
  it('stops a run [AgentRun spec.cancel]', () => {});
  it.each([['a mount', '/x'], ['a volume [AgentRun spec.workload.volumes.{name,mountPath}]', '/y']])('has %s [Agent spec.runtime.type]', () => {});
  test.each(ROWS)('$row: $result', () => expect('it is not a title').toBe(it));
`);

describe('a spec file has', () => {
  it.each([
    ['a test of a describe', 'a queue › holds a key once (always)'],
    ['a row of a table', 'a queue › gives the last of its keys'],
    ['a test of a template', 'a queue › of none › has no KINDS'],
    ['a test of a table of describes', 'a Job › is trimmed'],
    ['a table by its own title', '$row: $result'],
    ['a test with the tag of a field, without the tag', 'stops a run'],
  ])('%s', (_name, title) => {
    expect(titles.has(title)).toBe(true);
  });
});

describe('a spec file does not have', () => {
  it.each([
    ['a test without its describe', 'holds a key once (always)'],
    ['a part of a title', 'a queue › holds a key once'],
    ['a row that is nowhere in it', 'a queue › gives the second of its keys'],
    ['a describe alone', 'a queue'],
    ['what is no title', 'it is not a title'],
  ])('%s', (_name, title) => {
    expect(titles.has(title)).toBe(false);
  });
});

it('names the fields that titles and rows are tagged with', () => {
  const names = titles.tagged.map(({ title, leaves }) => [title, ...leaves.map(leafKey)]);
  expect(names).toEqual([
    ['stops a run', 'AgentRun spec.cancel'],
    ['has …', 'Agent spec.runtime.type'],
    ['has a volume', 'AgentRun spec.workload.volumes.name', 'AgentRun spec.workload.volumes.mountPath'],
    ['a row elsewhere', 'Memory spec.type'],
  ]);
});
