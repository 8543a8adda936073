import { globSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { leavesOfDefinitions } from '../../hack/fields/leaves.js';
import { owedBy } from '../../hack/fields/owed.js';
import { taggedTests } from '../../hack/fields/tagged-tests.js';
import { leafKey } from '../support/field-tags.js';
import { ROOT } from '../support/markdown.js';
import { testsByField, type JestResults } from '../support/tests-by-field.js';

/** What `make test` has kept of the stages before this one (hack/testing/steps.sh). */
const RESULTS = resolve(ROOT, process.env['RESULTS'] ?? '.cache/test-results');

const read = (file: string): JestResults => JSON.parse(readFileSync(join(RESULTS, file), 'utf8')) as JestResults;
const ran = testsByField(globSync('*.json', { cwd: RESULTS }).map(read));
const written = taggedTests();

describe('a test proves', () => {
  it.each(
    leavesOfDefinitions()
      .filter((leaf) => owedBy(leaf) === undefined)
      .map(leafKey),
  )('%s', (field) => {
    const tests = ran.get(field) ?? [];
    expect(tests.filter(({ status }) => status !== 'passed')).toEqual([]);
    // A tag in a table that no longer makes a test would leave a test in the documentation that nobody ran.
    expect(tests.map(({ file }) => relative(ROOT, file))).toEqual(
      expect.arrayContaining(
        (written.get(field) ?? [{ file: 'a test that is tagged with it' }]).map(({ file }) => file),
      ),
    );
  });
});
