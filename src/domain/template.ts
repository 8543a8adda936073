import { Liquid, LiquidError, type Template } from 'liquidjs';

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

const LIMITS = { parseLimit: 256 * 1024, renderLimit: 1000, memoryLimit: 16 * 1024 * 1024 } as const;
/** They read other templates: a provider's template has no file system to read from. */
const REFUSED_TAGS = ['include', 'render', 'layout', 'block'];

const engine = new Liquid({
  strictVariables: true,
  strictFilters: true,
  ownPropertyOnly: true,
  lenientIf: true,
  ...LIMITS,
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

/**
 * Renders one template. What comes out is data: nothing renders it a second time, so text of an issue that looks like a
 * template stays text.
 * @throws TemplateError naming the variable that is missing or the limit that was passed.
 */
export function renderTemplate(source: string, variables: TemplateVariables): string {
  try {
    return String(engine.parseAndRenderSync(source, variables));
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
