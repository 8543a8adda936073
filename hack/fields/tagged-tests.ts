import { globSync, readFileSync } from 'node:fs';
import { leafKey, taggedLeaves } from '../../test/support/field-tags.js';
import { TestTitles } from '../../test/support/test-titles.js';

/** A test that is tagged with a field, as it is written; `file` is relative to the repository. */
export interface TaggedTest {
  readonly file: string;
  readonly title: string;
}

/** Tests that prove what the control plane, the runner and the API do; those of the tests' own tools have examples of tags. */
const SPECS = '{src,test/{chaos,chart,crd,e2e,integration}}/**/*.spec.ts';

/** The tests that are tagged with each field, by `<kind> <path>`; the working directory is the repository's root. */
export function taggedTests(): Map<string, TaggedTest[]> {
  const byLeaf = new Map<string, TaggedTest[]>();
  for (const file of globSync(SPECS).toSorted()) {
    const source = readFileSync(file, 'utf8');
    if (taggedLeaves(source).length === 0) continue;
    for (const { title, leaves } of new TestTitles(source).tagged) {
      for (const key of new Set(leaves.map(leafKey))) {
        byLeaf.set(key, [...(byLeaf.get(key) ?? []), { file, title }]);
      }
    }
  }
  return byLeaf;
}
