import { sharedApiServer } from '../support/api-server.js';
import { AGENT_PROVIDER_ROWS } from './support/agent-provider.rows.js';
import { AGENT_RUN_CHANGES, AGENT_RUN_ROWS } from './support/agent-run.rows.js';
import { AGENT_ROWS } from './support/agent.rows.js';
import { Admission, causesOf, type Cause, type Plural } from './support/admission.js';
import { COMPLETE } from './support/complete.js';
import type { Row } from './support/row.js';
import { pathsIn, schemaOf, walk } from './support/schema-walk.js';
import { WORK_ROWS } from './support/work.rows.js';

const server = sharedApiServer();
const admission = new Admission(server, 'admission');
const PLURALS = Object.keys(COMPLETE) as Plural[];
const ROWS: readonly Row[] = [...AGENT_ROWS, ...AGENT_PROVIDER_ROWS, ...AGENT_RUN_ROWS, ...WORK_ROWS];

beforeAll(async () => admission.makeNamespace());
afterAll(async () => server.stop());

function expectVerdict(causes: readonly Cause[], { rejected }: Row): void {
  if (rejected === undefined) {
    expect(causes).toEqual([]);
    return;
  }
  const complaint = { field: rejected.field, message: expect.stringContaining(rejected.message) as string };
  expect(causes).toContainEqual(expect.objectContaining(complaint));
}

describe.each(PLURALS)('creating %s', (plural) => {
  const rows = ROWS.filter((row) => row.plural === plural);

  it.each(rows.filter((row) => !row.rejected))('accepts $name', async (row) => {
    expectVerdict(causesOf(await admission.tryCreate(plural, row.spec)), row);
  });

  it.each(rows.filter((row) => row.rejected))('rejects $name: $rejected.message', async (row) => {
    expectVerdict(causesOf(await admission.tryCreate(plural, row.spec)), row);
  });
});

describe('changing an AgentRun', () => {
  it.each(AGENT_RUN_CHANGES.map((row, index) => ({ ...row, index })))('answers $name', async (row) => {
    const stored = await admission.create('agentruns', `change-${row.index}`, row.before);
    expectVerdict(causesOf(await admission.tryReplace('agentruns', stored, row.spec)), row);
  });
});

describe.each(PLURALS)('the rules of %s', (plural) => {
  const schema = schemaOf(plural).properties!['spec']!;
  const rules = walk(schema, 'spec').flatMap(({ path, schema: at }) =>
    (at['x-kubernetes-validations'] ?? []).map(({ message }) => ({ path, message })),
  );
  const rows = [...ROWS, ...AGENT_RUN_CHANGES].filter((row) => row.plural === plural);

  it('each have a row that breaks them, with the message', () => {
    const broken = new Set(
      rows.flatMap(({ rejected }) =>
        rejected ? [`${rejected.field.replace(/\[\d+\]/g, '[]')}: ${rejected.message}`] : [],
      ),
    );
    expect(rules.map(({ path, message }) => `${path}: ${message}`).filter((rule) => !broken.has(rule))).toEqual([]);
  });

  it('each have a row that keeps them', () => {
    const specs = [...rows.filter((row) => !row.rejected).map(({ spec }) => spec), ...COMPLETE[plural].specs];
    const reached = new Set(specs.flatMap((spec) => pathsIn(spec, schema, 'spec')));
    expect(rules.filter(({ path }) => !reached.has(path))).toEqual([]);
  });
});
