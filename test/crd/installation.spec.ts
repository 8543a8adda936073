import { DEFINITIONS } from '../../src/api/v1alpha1/definitions.js';
import { sharedApiServer } from '../support/api-server.js';

const PATH = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const server = sharedApiServer();

interface InstalledCrd {
  status: { conditions: { type: string; status: string }[]; acceptedNames: Record<string, unknown> };
}

afterAll(async () => server.stop());

describe('the CustomResourceDefinitions', () => {
  it.each(DEFINITIONS)('$plural is established under its names, and structural', async ({ plural, shortNames }) => {
    const { status, body } = await server.client.send('GET', `${PATH}/${plural}.agents.proompteng.ai`);
    expect(status).toBe(200);
    const { conditions, acceptedNames } = (body as InstalledCrd).status;
    const holding = conditions.filter((condition) => condition.status === 'True').map(({ type }) => type);
    expect(holding.toSorted()).toEqual(['Established', 'NamesAccepted']);
    expect(acceptedNames).toMatchObject({ plural, shortNames, categories: ['jangar'] });
  });
});
