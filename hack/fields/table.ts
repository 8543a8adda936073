import { leafKey, type Leaf } from '../../test/support/field-tags.js';
import { owedBy } from './owed.js';
import type { TaggedTest } from './tagged-tests.js';

const BEGIN = '<!-- fields:begin, generated from the titles of the tests -->';
const END = '<!-- fields:end -->';
/** From docs/spec/v1alpha1 to the repository. */
const UP = '../../../';

/**
 * The page of a kind with its table of fields and their tests between its two markers replaced.
 * @throws Error when a marker is missing
 */
export function withFields(
  page: string,
  leaves: readonly Leaf[],
  tests: ReadonlyMap<string, readonly TaggedTest[]>,
): string {
  const begin = indexOf(page, BEGIN) + BEGIN.length;
  const end = indexOf(page, END);
  const rows = leaves.map((leaf) => `| \`${leaf.path}\` | ${proof(leaf, tests.get(leafKey(leaf)) ?? [])} |`);
  const table = ['| Field | Proved by |', '| --- | --- |', ...rows].join('\n');
  return `${page.slice(0, begin)}\n\n${table}\n\n${page.slice(end)}`;
}

function proof(leaf: Leaf, tests: readonly TaggedTest[]): string {
  const owed = owedBy(leaf);
  if (owed !== undefined) return `*not yet: ${owed.what}*`;
  return tests.map(({ file, title }) => `[${shortened(file)}](${UP}${file}): ${escaped(title)}`).join('<br>');
}

/** What tells spec files of one name apart: `e2e/run` and `runner/run`. */
function shortened(file: string): string {
  return file.replace(/^(?:src\/(?:modules\/)?|test\/)/, '').replace(/\.spec\.ts$/, '');
}

/** A title is no Markdown. */
function escaped(title: string): string {
  return title.replaceAll(/[\\`*_[\]<>|]/g, '\\$&');
}

function indexOf(page: string, marker: string): number {
  const at = page.indexOf(marker);
  if (at < 0) throw new Error(`no line "${marker}"`);
  return at;
}
