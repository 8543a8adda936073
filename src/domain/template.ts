import { Context, Liquid, LiquidError, type Template } from 'liquidjs';

/** What a provider's template can see (docs/spec/v1alpha1/agentprovider.md, "Template variables"). The same for every attempt. */
export interface TemplateVariables {
  run: { name: string; namespace: string; uid: string };
  agent: { name: string };
  implementation: {
    text: string;
    summary: string;
    description: string;
    acceptanceCriteria: readonly string[];
    labels: readonly string[];
    source: { provider: string; externalId: string; url: string };
  };
  parameters: Readonly<Record<string, string>>;
  git: { url: string; ref: string; path: string };
  workspace: { path: string };
  memory: { name: string; type: string; capabilities: readonly string[] };
}

/** The variables by path; `true` means any further key is decided by the run, `string[]` lists the members. */
const KNOWN: { readonly [K in keyof TemplateVariables]: readonly string[] | true } = {
  run: ['name', 'namespace', 'uid'],
  agent: ['name'],
  implementation: ['text', 'summary', 'description', 'acceptanceCriteria', 'labels', 'source'],
  parameters: true,
  git: ['url', 'ref', 'path'],
  workspace: ['path'],
  memory: ['name', 'type', 'capabilities'],
};
const SOURCE_MEMBERS = ['provider', 'externalId', 'url'];

/** A template that cannot be parsed or rendered. `message` says what is wrong in words for the template's author. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}

/** Characters of one template. */
const MAX_SOURCE = 256 * 1024;
/** Nodes that are rendered; each pass of a loop counts its own. Some microseconds each, so a part of a second in all. */
const MAX_STEPS = 100_000;
/** Characters and list items that filters and ranges make, and characters that come out. */
const MAX_CHARACTERS = 16 * 1024 * 1024;
/** They read other templates: a provider's template has no file system to read from. */
const REFUSED_TAGS = ['include', 'render', 'layout', 'block'];

const engine = new Liquid({
  strictVariables: true,
  strictFilters: true,
  ownPropertyOnly: true,
  lenientIf: true,
  parseLimit: MAX_SOURCE,
  templates: {},
});
for (const tag of REFUSED_TAGS) {
  engine.registerTag(tag, {
    parse: () => {
      throw new Error(`the tag "${tag}" is not allowed`);
    },
    render: () => '',
  });
}

/**
 * Checks that a template parses and uses known variables only.
 * @returns undefined when it does, else one sentence that names the variable or the syntax error.
 */
export function checkTemplate(source: string): string | undefined {
  let parsed: Template[];
  try {
    parsed = engine.parse(source);
  } catch (error) {
    return reasonOf(error);
  }
  for (const segments of engine.globalVariableSegmentsSync(parsed, { partials: false })) {
    const path = segments.filter((segment) => typeof segment === 'string');
    const unknown = unknownVariable(path);
    if (unknown) return unknown;
  }
  return undefined;
}

type Limiter = Context['memoryLimit'];

/**
 * What all templates of one run may cost together. Counted in steps and characters and not in time: a run must not be
 * found wrong by a slow machine that another one would have started.
 */
export class RenderBudget {
  readonly characters = limiter(MAX_CHARACTERS, 'characters');
  readonly steps = limiter(MAX_STEPS, 'steps');
}

/** Liquid says `use(n)` before it makes n characters or items, and `check` before each node. */
function limiter(max: number, unit: string): Limiter {
  let spent = 0;
  const use = (count: number): void => {
    if (count > 0) spent += count;
    if (spent > max) throw new Error(`all templates of a run together may take ${max} ${unit} and no more`);
  };
  return Object.assign(new Context().memoryLimit, { use, check: () => use(1) });
}

/**
 * Renders one template. What comes out is data: nothing renders it a second time, so text of an issue that looks like a
 * template stays text.
 * @throws TemplateError naming the variable that is missing or the limit that was passed.
 */
export function renderTemplate(source: string, variables: TemplateVariables, budget: RenderBudget): string {
  try {
    const parsed = engine.parse(source);
    const limits = { memoryLimit: budget.characters, renderLimit: budget.steps, liquid: engine };
    const text = String(engine.renderSync(parsed, new Context(variables, engine.options, { sync: true }, limits)));
    budget.characters.use(text.length);
    return text;
  } catch (error) {
    throw new TemplateError(reasonOf(error));
  }
}

function unknownVariable(path: readonly string[]): string | undefined {
  const [root, member, ...rest] = path;
  if (root === undefined) return undefined;
  if (!Object.hasOwn(KNOWN, root)) {
    return `unknown variable "${path.join('.')}"; known are ${Object.keys(KNOWN).join(', ')}`;
  }
  const members = KNOWN[root as keyof typeof KNOWN];
  if (members === true || member === undefined) return undefined;
  if (!members.includes(member)) return unknownMember(path, root, members);
  if (root === 'implementation' && member === 'source' && rest[0] !== undefined && !SOURCE_MEMBERS.includes(rest[0])) {
    return unknownMember(path, 'implementation.source', SOURCE_MEMBERS);
  }
  return undefined;
}

function unknownMember(path: readonly string[], parent: string, members: readonly string[]): string {
  return `unknown variable "${path.join('.')}"; known are ${members.map((name) => `${parent}.${name}`).join(', ')}`;
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && (error.name === 'UndefinedVariableError' || LiquidError.is(error))) {
    const undefinedName = /undefined variable: ([^,\n]+)/.exec(error.message)?.[1];
    if (undefinedName) return `the variable "${undefinedName}" has no value; set it on the run`;
    return (error.message.split('\n')[0] ?? '').replace(/, file:.*$/, '');
  }
  return error instanceof Error ? error.message : 'the template failed';
}
