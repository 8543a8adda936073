import { sharedApiServer } from '../support/api-server.js';
import { Admission, type Plural } from './support/admission.js';
import { COMPLETE } from './support/complete.js';
import { pathsIn, schemaOf, walk } from './support/schema-walk.js';

const server = sharedApiServer();
const admission = new Admission(server, 'round-trip');
const PLURALS = Object.keys(COMPLETE) as Plural[];

beforeAll(async () => admission.makeNamespace());
afterAll(async () => server.stop());

describe.each(PLURALS)('%s', (plural) => {
  const { specs, status } = COMPLETE[plural];
  const schema = schemaOf(plural);

  it('has an example value for every field of its schema', () => {
    const fields = ['spec', 'status'].flatMap((part) => walk(schema.properties![part]!, part).map(({ path }) => path));
    const present = new Set([
      ...specs.flatMap((spec) => pathsIn(spec, schema.properties!['spec']!, 'spec')),
      ...pathsIn(status, schema.properties!['status']!, 'status'),
    ]);
    expect(fields.filter((path) => !present.has(path))).toEqual([]);
  });

  it.each(specs.map((spec, index) => ({ name: `complete-${index}`, spec })))(
    'keeps every field of $name',
    async ({ name, spec }) => {
      await admission.create(plural, name, spec);
      const stored = await admission.get(plural, name);
      expect(stored.spec).toMatchObject(spec);
    },
  );

  it('keeps every field of its status', async () => {
    await admission.create(plural, 'status', specs[0]!);
    expect(await admission.writeStatus(plural, 'status', status)).toMatchObject({ status: 200, warnings: [] });
    expect((await admission.get(plural, 'status')).status).toEqual(status);
  });

  it('takes no status from who writes the spec', async () => {
    const path = `/apis/agents.proompteng.ai/v1alpha1/namespaces/round-trip/${plural}`;
    const stored = await admission.get(plural, 'complete-0');
    const body = { ...stored, metadata: { name: 'no-status' }, status };
    await server.client.send('POST', path, { body });
    expect((await admission.get(plural, 'no-status')).status).toBeUndefined();
  });
});
