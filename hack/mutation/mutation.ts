// Breaks the code on purpose, one patch at a time in a copy of the tree, and fails when no test notices.
//   node hack/mutation/mutation.ts [NAME…]     the patches beside this file, or only those named
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '../..');
/** The copy that no patch is applied to: a test that fails there proves nothing about a patch. */
export const UNCHANGED = 'unchanged';
/** What the tests of `src` need. */
const COPIED = ['src', 'test/support', 'test/crd/support', 'package.json', 'tsconfig.json'];
/** A patch may make a test spin. */
const LIMIT_MS = 5 * 60_000;
/** One test that noticed is proof; a few tell a reader which. */
const SHOWN = 3;

/** A patch and what its header says: `Breaks:` one phrase, `Tests:` the spec files of which at least one must fail. */
export interface Mutation {
  readonly name: string;
  readonly breaks: string;
  readonly tests: readonly string[];
}

/** What Jest reports of one spec file (`--json`), as far as it is read here. */
export interface FileResult {
  readonly name: string;
  readonly status: string;
  readonly message: string;
  readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
}

/** `killedBy`: titles with their files; `problem`: why the run proves nothing, else undefined. */
export interface Verdict {
  readonly mutation: Mutation;
  readonly killedBy: readonly string[];
  readonly problem: string | undefined;
}

/** @throws Error when the header says too little */
export function parsePatch(name: string, text: string): Mutation {
  const [header = ''] = text.split(/^diff --git /m);
  const field = (key: string): string => {
    const value = new RegExp(`^${key}: (.+)$`, 'm').exec(header)?.[1]?.trim();
    if (value === undefined) throw new Error(`${name}: the header of the patch has no "${key}:"`);
    return value;
  };
  return { name, breaks: field('Breaks'), tests: field('Tests').split(/\s+/) };
}

/** What Jest's results say of each patch; `name` of a result is `<patch or UNCHANGED>/<path in the repository>`. */
export function judge(mutations: readonly Mutation[], results: readonly FileResult[]): Verdict[] {
  const of = (tree: string, test: string): FileResult | undefined =>
    results.find(({ name }) => name === `${tree}/${test}`);
  return mutations.map((mutation) => {
    const killedBy = mutation.tests.flatMap((test) =>
      failures(of(mutation.name, test)).map((title) => `${title} (${test})`),
    );
    const problems = mutation.tests.flatMap((test) => problem(test, of(UNCHANGED, test), of(mutation.name, test)));
    return { mutation, killedBy, problem: problems[0] };
  });
}

function failures(result: FileResult | undefined): readonly string[] {
  return (result?.assertionResults ?? []).filter(({ status }) => status === 'failed').map(({ fullName }) => fullName);
}

/** A suite that does not load has no failed test: a patch must break behaviour, not syntax. */
function problem(test: string, unchanged: FileResult | undefined, changed: FileResult | undefined): string[] {
  if (!unchanged?.assertionResults.length)
    return [`${test} has no tests or does not load: ${unchanged?.message ?? ''}`];
  if (unchanged.status !== 'passed') return [`${test} fails without the patch: ${failures(unchanged).join(', ')}`];
  if (!changed?.assertionResults.length) return [`${test} does not load with the patch: ${changed?.message ?? ''}`];
  return [];
}

/** The lines that tell people, and whether every patch was noticed. */
export function report(verdicts: readonly Verdict[]): { lines: string[]; passed: boolean } {
  const lines = verdicts.flatMap(({ mutation: { name, breaks, tests }, killedBy, problem: why }) => {
    if (why !== undefined) return [`FAILED    ${name}: ${breaks}`, `            ${why}`];
    if (killedBy.length === 0)
      return [`SURVIVED  ${name}: ${breaks}`, `            no test of ${tests.join(', ')} noticed`];
    const more = killedBy.length > SHOWN ? [`            and ${killedBy.length - SHOWN} more`] : [];
    return [
      `killed    ${name}: ${breaks}`,
      ...killedBy.slice(0, SHOWN).map((title) => `            by ${title}`),
      ...more,
    ];
  });
  const killed = verdicts.filter((verdict) => verdict.problem === undefined && verdict.killedBy.length > 0).length;
  lines.push(`${verdicts.length} patches, ${killed} killed, ${verdicts.length - killed} not`);
  return { lines, passed: verdicts.length > 0 && killed === verdicts.length };
}

/** The tree as it is on disk, what is not committed included. */
async function copyTree(to: string): Promise<void> {
  const { stdout } = await promisify(execFile)(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate', '--', ...COPIED],
    { cwd: ROOT, maxBuffer: 2 ** 24 },
  );
  for (const path of stdout.split('\0').filter(Boolean)) await cp(join(ROOT, path), join(to, path));
}

async function applyPatch(workspace: string, name: string): Promise<void> {
  const patch = join(import.meta.dirname, `${name}.patch`);
  // Inside a repository, git would silently skip what it takes for paths outside of the directory.
  const env = { ...process.env, GIT_CEILING_DIRECTORIES: workspace };
  await promisify(execFile)('git', ['apply', '--whitespace=nowarn', patch], { cwd: join(workspace, name), env });
}

/** One Jest run over all copies: each is a project of its own, so that Jest starts once. */
async function runJest(workspace: string, mutations: readonly Mutation[]): Promise<FileResult[]> {
  const { default: config } = (await import(join(ROOT, 'jest.config.js'))) as {
    default: { projects: { displayName: string }[] };
  };
  // The setup that Nest needs does the tests without Nest no harm.
  const base = config.projects.find(({ displayName }) => displayName === 'nest');
  const trees = [{ name: UNCHANGED, tests: [...new Set(mutations.flatMap(({ tests }) => tests))] }, ...mutations];
  const projects = trees.map(({ name, tests }) => ({
    ...base,
    displayName: name,
    rootDir: join(workspace, name),
    testMatch: tests.map((test) => join(workspace, name, test)),
  }));
  const configFile = join(workspace, 'jest.config.json');
  const outputFile = join(workspace, 'results.json');
  await writeFile(configFile, JSON.stringify({ projects }));
  const jest = join(ROOT, 'node_modules/jest/bin/jest.js');
  const flags = ['--experimental-vm-modules', '--no-warnings', jest, '--config', configFile, '--json', '--silent'];
  const child = spawn(process.execPath, [...flags, '--outputFile', outputFile], {
    cwd: workspace,
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  let errors = '';
  child.stderr.on('data', (text: Buffer) => (errors += text.toString()));
  await once(child, 'close');
  const output = await readFile(outputFile, 'utf8').catch(() => {
    throw new Error(`Jest did not come to an end:\n${errors.slice(-4000)}`);
  });
  const { testResults } = JSON.parse(output) as { testResults: FileResult[] };
  return testResults.map((result) => ({ ...result, name: relative(workspace, result.name).replaceAll(sep, '/') }));
}

async function readMutations(names: readonly string[]): Promise<Mutation[]> {
  const files = (await readdir(import.meta.dirname)).filter((file) => file.endsWith('.patch'));
  const wanted = names.length > 0 ? names : files.map((file) => basename(file, '.patch')).toSorted();
  return Promise.all(
    wanted.map(async (name) => parsePatch(name, await readFile(join(import.meta.dirname, `${name}.patch`), 'utf8'))),
  );
}

/** Makes the copies; gives the patches that do not fit the code any more. */
async function prepare(workspace: string, mutations: readonly Mutation[]): Promise<Verdict[]> {
  const unfit: Verdict[] = [];
  await symlink(join(ROOT, 'node_modules'), join(workspace, 'node_modules'));
  await copyTree(join(workspace, UNCHANGED));
  for (const mutation of mutations) {
    await cp(join(workspace, UNCHANGED), join(workspace, mutation.name), { recursive: true });
    try {
      await applyPatch(workspace, mutation.name);
    } catch (error) {
      unfit.push({ mutation, killedBy: [], problem: error instanceof Error ? error.message : 'does not apply' });
    }
  }
  return unfit;
}

async function main(names: readonly string[]): Promise<boolean> {
  const mutations = await readMutations(names);
  const workspace = await realpath(await mkdtemp(join(tmpdir(), 'jangar-mutation-')));
  try {
    const unfit = await prepare(workspace, mutations);
    const applied = mutations.filter((mutation) => !unfit.some((verdict) => verdict.mutation === mutation));
    const judged = applied.length > 0 ? judge(applied, await runJest(workspace, applied)) : [];
    const { lines, passed } = report([...judged, ...unfit]);
    console.log(lines.join('\n'));
    return passed;
  } finally {
    await rm(workspace, { recursive: true, force: true });
  }
}

if (import.meta.main) process.exitCode = (await main(process.argv.slice(2))) ? 0 : 1;
