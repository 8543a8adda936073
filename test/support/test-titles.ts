import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from '@swc/core';
import { taggedLeaves, withoutTags, type Leaf } from './field-tags.js';
import { ROOT } from './markdown.js';

/** Any node of the syntax tree, as far as it is walked here. */
type Node = Readonly<Record<string, unknown>>;

/** What Jest replaces in the title of a table (https://jestjs.io/docs/api, "test.each"), and ours for `${…}`. */
const PLACEHOLDER = /%[#sdifjop]|\$[\w.#]+|\0/g;

const FIRST_PLACEHOLDER = new RegExp(PLACEHOLDER.source);

/** Between the titles of describes and of the test, as Jest prints them. */
const SEPARATOR = ' › ';

/** A title, or a row of a table, that ends in tags of fields; `title` is without them. */
export interface TaggedTitle {
  readonly title: string;
  readonly leaves: readonly Leaf[];
}

/**
 * The titles of the tests of a spec file; those of a table are known as far as they can be read without running it.
 * Tags of fields are no part of a title.
 */
export class TestTitles {
  readonly #source: string;
  readonly #titles: readonly string[];
  readonly #patterns: readonly RegExp[];
  readonly #rows: readonly string[];

  /** @param source the TypeScript of the file */
  constructor(source: string) {
    this.#source = source;
    const { body } = parseSync(source, { syntax: 'typescript', decorators: true });
    this.#titles = titlesBelow(body, []);
    this.#patterns = this.#titles.map((title) => patternOf(withoutTags(title)));
    const rows = rowsBelow(body, []);
    const known = [...this.#titles, ...rows];
    this.#rows = [...rows, ...stringsBelow(body).filter((text) => !known.some((title) => title.includes(text)))];
  }

  /** @param path relative to the repository */
  static ofFile(path: string): TestTitles {
    return new TestTitles(readFileSync(join(ROOT, path), 'utf8'));
  }

  /** What names a field by a tag; a row of a table that has one stands for the test. */
  get tagged(): TaggedTitle[] {
    return [...this.#titles, ...this.#rows]
      .map((text) => ({ title: shown(withoutTags(text)), leaves: taggedLeaves(text) }))
      .filter(({ leaves }) => leaves.length > 0);
  }

  /** Whether the file has that test. What stands for a cell of a table must be written in the file. */
  has(title: string): boolean {
    return this.#patterns.some((pattern) => {
      const cells = pattern.exec(title)?.slice(1);
      return cells?.every((cell) => this.#source.includes(cell)) ?? false;
    });
  }
}

function titlesBelow(node: unknown, above: readonly string[]): string[] {
  if (Array.isArray(node)) return node.flatMap((child) => titlesBelow(child, above));
  if (!isNode(node)) return [];
  const title = node['type'] === 'CallExpression' ? titleOf(node) : undefined;
  if (title === undefined) return Object.values(node).flatMap((child) => titlesBelow(child, above));
  const here = [...above, title];
  return blockOf(node) === 'describe' ? titlesBelow(node['arguments'], here) : [here.join(SEPARATOR)];
}

/** The rows of tables that have tags, in the title of their test. */
function rowsBelow(node: unknown, above: readonly string[]): string[] {
  if (Array.isArray(node)) return node.flatMap((child) => rowsBelow(child, above));
  if (!isNode(node)) return [];
  const title = node['type'] === 'CallExpression' ? titleOf(node) : undefined;
  if (title === undefined) return Object.values(node).flatMap((child) => rowsBelow(child, above));
  if (blockOf(node) === 'describe') return rowsBelow(node['arguments'], [...above, title]);
  return stringsBelow(node['callee'])
    .filter((text) => taggedLeaves(text).length > 0)
    .map((row) => [...above, withoutTags(title).replace(FIRST_PLACEHOLDER, () => row)].join(SEPARATOR));
}

function stringsBelow(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(stringsBelow);
  if (!isNode(node)) return [];
  return node['type'] === 'StringLiteral' ? [String(node['value'])] : Object.values(node).flatMap(stringsBelow);
}

/** `describe` or `it` (also `test`) when the call declares one, directly or through `.each(…)`. */
function blockOf({ callee }: Node): 'describe' | 'it' | undefined {
  if (!isNode(callee)) return undefined;
  if (callee['type'] === 'CallExpression') return isNode(callee['callee']) ? blockOfEach(callee['callee']) : undefined;
  return blockNamed(callee);
}

function blockOfEach({ object, property }: Node): 'describe' | 'it' | undefined {
  return isNode(property) && property['value'] === 'each' ? blockNamed(object) : undefined;
}

function blockNamed(node: unknown): 'describe' | 'it' | undefined {
  const name = isNode(node) && node['type'] === 'Identifier' ? node['value'] : undefined;
  if (name === 'describe') return 'describe';
  return name === 'it' || name === 'test' ? 'it' : undefined;
}

function titleOf(call: Node): string | undefined {
  if (blockOf(call) === undefined || !Array.isArray(call['arguments'])) return undefined;
  const [first] = call['arguments'] as readonly unknown[];
  const expression = isNode(first) ? first['expression'] : undefined;
  if (!isNode(expression)) return undefined;
  if (expression['type'] === 'StringLiteral') return String(expression['value']);
  if (expression['type'] !== 'TemplateLiteral' || !Array.isArray(expression['quasis'])) return undefined;
  return (expression['quasis'] as readonly Node[]).map(({ cooked }) => String(cooked)).join('\0');
}

function shown(title: string): string {
  return title.replaceAll(PLACEHOLDER, '…');
}

function patternOf(title: string): RegExp {
  const literals = title.split(PLACEHOLDER).map((text) => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${literals.join('(.+?)')}$`);
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null;
}
