import { readFile, writeFile } from 'node:fs/promises';
import { isCollection, isMap, isScalar, parseDocument, type Pair, type YAMLMap } from 'yaml';

const BEGIN = '<!-- values:begin, generated from values.yaml -->';
const END = '<!-- values:end -->';
const ROW_MARK = '-- ';

/** One row of the chart's table of values; `key` is the dotted path as --set takes it. */
interface ValueRow {
  key: string;
  default: string;
  description: string;
}

/**
 * The rows of a values.yaml, in its order. A value whose comment begins with `--` is a row, with everything below it; a map
 * without such a comment is a group. Throws for a value that is neither, so that none goes undescribed.
 */
export function valueRows(source: string): ValueRow[] {
  const document = parseDocument(source);
  if (!isMap(document.contents)) throw new Error('values.yaml: not a map');
  return rowsOf(document.contents, '');
}

function rowsOf(map: YAMLMap, prefix: string): ValueRow[] {
  return map.items.flatMap((pair, index) => {
    const key = prefix + nameOf(pair);
    // The parser gives the comment of a nested map's first key to the map.
    const comment = commentOf(pair) ?? (index === 0 && prefix !== '' ? map.commentBefore : undefined);
    const lines = (comment ?? '').split('\n').map((line) => line.trim());
    const start = lines.findIndex((line) => line.startsWith(ROW_MARK));
    if (start >= 0) {
      const description = lines.slice(start).join(' ').slice(ROW_MARK.length);
      return [{ key, default: JSON.stringify(plain(pair.value)), description }];
    }
    if (isMap(pair.value)) return rowsOf(pair.value, `${key}.`);
    throw new Error(`values.yaml: ${key} has no comment that begins with "# ${ROW_MARK}"`);
  });
}

function nameOf(pair: Pair): string {
  if (!isScalar(pair.key)) throw new Error('values.yaml: a key is not a string');
  return String(pair.key.value);
}

function commentOf(pair: Pair): string | undefined {
  return isScalar(pair.key) ? (pair.key.commentBefore ?? undefined) : undefined;
}

function plain(node: unknown): unknown {
  return isCollection(node) ? node.toJSON() : isScalar(node) ? node.value : node;
}

/** The README with the table between its two markers replaced. Throws when a marker is missing. */
export function withValuesTable(readme: string, rows: readonly ValueRow[]): string {
  const [before, rest] = split(readme, BEGIN);
  const [, after] = split(rest, END);
  const cells = rows.map((row) => [`\`${row.key}\``, `\`${row.default}\``, row.description]);
  const table = [['Value', 'Default', 'Meaning'], ['---', '---', '---'], ...cells].map(
    (row) => `| ${row.map(escaped).join(' | ')} |`,
  );
  return `${before}${BEGIN}\n\n${table.join('\n')}\n\n${END}${after}`;
}

function split(text: string, marker: string): [string, string] {
  const at = text.indexOf(marker);
  if (at < 0) throw new Error(`README.md: no line "${marker}"`);
  return [text.slice(0, at), text.slice(at + marker.length)];
}

function escaped(cell: string): string {
  return cell.replaceAll('|', '\\|');
}

if (import.meta.main) {
  const chart = new URL('../../charts/agents/', import.meta.url);
  const readme = new URL('README.md', chart);
  const rows = valueRows(await readFile(new URL('values.yaml', chart), 'utf8'));
  await writeFile(readme, withValuesTable(await readFile(readme, 'utf8'), rows));
}
