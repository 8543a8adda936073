import { leafKey, taggedLeaves } from './field-tags.js';

/** What `jest --json` writes, as far as it is read here. */
export interface JestResults {
  readonly testResults: readonly {
    /** The path of the file, absolute. */
    readonly name: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/** A test that ran, or was meant to; `status` is Jest's. */
export interface TestThatRan {
  readonly file: string;
  readonly title: string;
  readonly status: string;
}

/** The tests that are tagged with each field, by `<kind> <path>`. */
export function testsByField(results: readonly JestResults[]): Map<string, TestThatRan[]> {
  const byField = new Map<string, TestThatRan[]>();
  for (const { name, assertionResults } of results.flatMap(({ testResults }) => testResults)) {
    for (const { fullName, status } of assertionResults) {
      for (const field of new Set(taggedLeaves(fullName).map(leafKey))) {
        byField.set(field, [...(byField.get(field) ?? []), { file: name, title: fullName, status }]);
      }
    }
  }
  return byField;
}
