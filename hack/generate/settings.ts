import type { ConfigVariable } from '../../src/modules/config/config.variables.js';

const BEGIN = '<!-- settings:begin, generated from src/modules/config/config.variables.ts -->';
const END = '<!-- settings:end -->';

/** The page with the table of settings between its two markers replaced. @throws Error when a marker is missing */
export function withSettings(page: string, variables: readonly ConfigVariable[]): string {
  const begin = indexOf(page, BEGIN) + BEGIN.length;
  const end = indexOf(page, END);
  const rows = [
    ['Variable', 'Default', 'Meaning'],
    ['---', '---', '---'],
    ...variables.map((variable) => [`\`${variable.name}\``, defaultOf(variable), variable.description]),
  ];
  const table = rows.map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`);
  return `${page.slice(0, begin)}\n\n${table.join('\n')}\n\n${page.slice(end)}`;
}

/** What counts when the variable is not set, in the order in which it is looked for. */
function defaultOf({ fallback = [], otherwise, optional, needs, default: value }: ConfigVariable): string {
  const steps = [
    ...fallback.map((name) => `\`${name}\``),
    ...(otherwise === undefined ? [] : [otherwise]),
    ...(value === undefined ? [] : [value === '' ? 'empty' : `\`${value}\``]),
    ...(optional === undefined ? [] : [optional]),
  ];
  if (steps.length > 0) return steps.join(', then ');
  return needs === undefined ? 'required' : `required with \`${needs}\``;
}

function indexOf(page: string, marker: string): number {
  const at = page.indexOf(marker);
  if (at < 0) throw new Error(`no line "${marker}"`);
  return at;
}
