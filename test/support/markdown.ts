import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A link to a place in this repository, as it is written. */
export interface Link {
  readonly target: string;
  /** Relative to the repository. */
  readonly path: string;
  /** Without `#`; undefined when it points at the page. */
  readonly anchor: string | undefined;
}

/** A fenced block. */
export interface Block {
  readonly language: string;
  readonly text: string;
}

/** A page of documentation. */
export class Page {
  readonly text: string;

  /** @param path relative to the repository */
  constructor(readonly path: string) {
    this.text = readFileSync(join(ROOT, path), 'utf8');
  }

  get blocks(): Block[] {
    return [...this.text.matchAll(/^( *)```([a-z]*)\n(.*?)^ *```$/gms)].map(
      ([, indent = '', language = '', body = '']) => ({
        language,
        text: body.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
      }),
    );
  }

  /** Texts of headings as they are shown. */
  get headings(): string[] {
    return [...this.#prose.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => heading.replaceAll('`', ''));
  }

  /** What links to headings end in, made as GitHub makes them. */
  get anchors(): string[] {
    return this.headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    );
  }

  get links(): Link[] {
    const targets = [...this.#prose.replaceAll(/`[^`\n]+`/g, '').matchAll(/\]\(([^)\s]+)\)/g)].map(
      ([, target = '']) => target,
    );
    return targets.filter((target) => !/^[a-z]+:/.test(target)).map((target) => this.#resolve(target));
  }

  /** Texts between backticks, outside of blocks. */
  get codes(): string[] {
    return [...this.#prose.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
  }

  /** What stands below a heading, up to the next one of its level or above. */
  section(heading: string): string {
    const lines = this.text.split('\n');
    const start = lines.findIndex((line) => line.replace(/^#+ /, '') === heading && line.startsWith('#'));
    const level = /^#+/.exec(lines[start] ?? '')?.[0].length;
    if (level === undefined) throw new Error(`${this.path} has no section "${heading}"`);
    const rest = lines.slice(start + 1);
    const end = rest.findIndex((line) => new RegExp(`^#{1,${level}} `).test(line));
    return rest.slice(0, end < 0 ? undefined : end).join('\n');
  }

  get #prose(): string {
    return this.text.replaceAll(/^( *)```.*?^ *```$/gms, '');
  }

  #resolve(target: string): Link {
    const [path = '', anchor] = target.split('#');
    const absolute = path === '' ? join(ROOT, this.path) : join(ROOT, dirname(this.path), path);
    return { target, path: relative(ROOT, absolute), anchor };
  }
}

/** Cells of the tables in a text, without their heads. */
export function tableRows(markdown: string): string[][] {
  const lines = markdown.split('\n').filter((line) => line.startsWith('|'));
  const heads = new Set(lines.flatMap((line, index) => (/^\|[\s|:-]+\|$/.test(line) ? [index, index - 1] : [])));
  return lines
    .filter((_line, index) => !heads.has(index))
    .map((line) =>
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    );
}

/** Every page of the repository. */
export function allPages(): Page[] {
  const skipped = ['node_modules', 'dist', 'coverage', '.cache', '.git'];
  return globSync('**/*.md', { cwd: ROOT, exclude: (path) => skipped.includes(path) })
    .toSorted()
    .map((path) => new Page(path));
}
