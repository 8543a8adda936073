import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { FAILURE_CLASSES } from '../src/api/v1alpha1/failure-class.js';
import { INVALID_REASONS, PAUSED_REASONS, READY_REASONS, RUN_REASONS } from '../src/api/v1alpha1/reasons.js';
import { CONFIG_VARIABLES } from '../src/modules/config/config.variables.js';
import { RUNNER_ENV } from '../src/domain/runner-contract.js';
import { checkTemplate } from '../src/domain/template.js';
import { allPages, Page, ROOT, tableRows } from '../test/support/markdown.js';

const pages = allPages();
const agentRun = new Page('docs/spec/v1alpha1/agentrun.md');
const operations = new Page('docs/operations.md');

/** Files of the repository by a pattern, with what is in them. */
function sources(pattern: string): string[] {
  return globSync(pattern, { cwd: ROOT }).map((path) => readFileSync(join(ROOT, path), 'utf8'));
}

/** What `pattern`'s first group finds in the texts, each once. */
function findAll(texts: readonly string[], pattern: RegExp): string[] {
  return [...new Set(texts.flatMap((text) => [...text.matchAll(pattern)].map(([, found = '']) => found)))].toSorted();
}

describe('the documentation', () => {
  it('is there', () => {
    const names = [
      'README.md',
      'ARCHITECTURE.md',
      'CONTRIBUTING.md',
      'CHANGELOG.md',
      'docs/operations.md',
      'docs/api.md',
    ];
    expect(pages.map(({ path }) => path)).toEqual(expect.arrayContaining(names));
  });

  it.each(pages)('links to places that exist: $path', (page) => {
    const broken = page.links.filter(({ path, anchor }) => {
      if (!existsSync(join(ROOT, path))) return true;
      return anchor !== undefined && !new Page(path).anchors.includes(anchor);
    });
    expect(broken.map(({ target }) => target)).toEqual([]);
  });

  it.each(pages)('names files that exist: $path', (page) => {
    const named = page.codes.filter((code) => /^(?:src|hack|test|docs|charts|examples)\/[\w./-]+$/.test(code));
    expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it('names make targets that exist', () => {
    const targets = findAll(sources('Makefile'), /^([a-z-]+):/gm);
    const commands = pages.flatMap((page) => [...page.codes, ...page.blocks.map(({ text }) => text)]);
    const named = findAll(commands, /(?:^|CLUSTER=current )make ((?:[a-z-]+ ?)+)$/gm).flatMap((names) =>
      names.split(' '),
    );
    expect(named).toContain('demo');
    expect(named.filter((name) => !targets.includes(name))).toEqual([]);
  });

  it.each(pages)('has YAML that parses: $path', (page) => {
    const problems = page.blocks
      .filter(({ language }) => language === 'yaml')
      .flatMap(({ text }) => parseAllDocuments(text).flatMap(({ errors }) => errors));
    expect(problems).toEqual([]);
  });

  it('has the sections that comments in the code refer to', () => {
    const code = [...sources('{src,hack,test}/**/*.ts'), ...sources('{jest.config.js,.dependency-cruiser.cjs}')];
    const references = findAll(code, /((?:docs\/[\w./-]+|ARCHITECTURE)\.md,? "[A-Z][^"]+")/g);
    expect(references.length).toBeGreaterThan(5);
    const missing = references.filter((reference) => {
      const [, path = '', heading = ''] = /^(\S+?),? "(.+)"$/.exec(reference) ?? [];
      return !new Page(path).headings.includes(heading);
    });
    expect(missing).toEqual([]);
  });

  it('shows the first example in the README as it is in its files', () => {
    const files = sources('examples/first/*.yaml').map((text) => text.replace(/^#.*\n/, ''));
    const shown = new Page('README.md').blocks.filter(({ language }) => language === 'yaml').map(({ text }) => text);
    expect(shown.toSorted()).toEqual(files.toSorted());
  });
});

describe('the pages of the kinds', () => {
  it('explain every reason and every failure class of a run', () => {
    const known = [...Object.values(RUN_REASONS), ...Object.values(INVALID_REASONS), ...FAILURE_CLASSES];
    expect(known.filter((reason) => !agentRun.codes.includes(reason))).toEqual([]);
  });

  it('explain every reason of Ready and Paused', () => {
    const explained = ['agent', 'agentprovider'].flatMap((name) => new Page(`docs/spec/v1alpha1/${name}.md`).codes);
    const known = [...Object.values(READY_REASONS), ...Object.values(PAUSED_REASONS)];
    expect(known.filter((reason) => !explained.includes(reason))).toEqual([]);
  });

  it('list every variable of the agent’s environment', () => {
    const listed = tableRows(agentRun.section('Environment'))
      .map(([names = '']) => names)
      .join();
    expect(Object.values(RUNNER_ENV).filter((name) => !listed.includes(`\`${name}\``))).toEqual([]);
  });

  it('list template variables that a provider may use', () => {
    const rows = tableRows(new Page('docs/spec/v1alpha1/agentprovider.md').section('Template variables'));
    const names = findAll(
      rows.map(([cell = '']) => cell),
      /`([a-z]+\.[\w.]+)`/g,
    );
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => checkTemplate(`{{ ${name} }}`) !== undefined)).toEqual([]);
  });
});

describe('docs/operations.md', () => {
  it('lists exactly the metrics that there are', () => {
    const listed = findAll([operations.section('Metrics')], /^\| `(jangar_\w+)`/gm);
    expect(listed).toEqual(findAll(sources('src/modules/**/*.metrics.ts'), /'(jangar_[a-z_]+)'/g));
  });

  it('names settings that exist', () => {
    const known = CONFIG_VARIABLES.map(({ name }) => name);
    const named = findAll(
      pages.map(({ text }) => text),
      /\b(JANGAR_[A-Z_]+)\b/g,
    ).filter((name) => name !== 'JANGAR_CACHE');
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
  });
});
