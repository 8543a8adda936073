import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DEFINITIONS } from '../../src/api/v1alpha1/definitions.js';
import { sharedApiServer } from '../support/api-server.js';

const DIRECTORY = 'charts/agents/crds';
const PATH = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const server = sharedApiServer();

interface InstalledCrd {
  status: { conditions: { type: string; status: string; message?: string }[]; acceptedNames: Record<string, unknown> };
}

afterAll(async () => server.stop());

describe('the CustomResourceDefinitions', () => {
  it.each(readdirSync(DIRECTORY))('%s is smaller than 64 KiB', (file) => {
    expect(statSync(join(DIRECTORY, file)).size).toBeLessThan(64 * 1024);
  });

  it.each(DEFINITIONS.map(({ plural }) => plural))('%s is established under its names and structural', async (plural) => {
    const { status, body } = await server.client.send('GET', `${PATH}/${plural}.agents.proompteng.ai`);
    expect(status).toBe(200);
    const { conditions, acceptedNames } = (body as InstalledCrd).status;
    const holding = conditions.filter((condition) => condition.status === 'True').map(({ type }) => type);
    expect(holding.toSorted()).toEqual(['Established', 'NamesAccepted']);
    expect(acceptedNames).toMatchObject({ plural, categories: ['agents'] });
  });

  it('answer to the category agents', async () => {
    const answer = await server.kubectl(['get', 'agents.agents.proompteng.ai,agents', '-A', '-o', 'name']);
    expect(answer).toMatchObject({ code: 0 });
  });

  it.each(['agents', 'agentproviders', 'agentruns'])('%s speaks of no tracker by name', (plural) => {
    const text = readFileSync(join(DIRECTORY, `agents.proompteng.ai_${plural}.yaml`), 'utf8');
    expect(text).not.toMatch(/github|linear/i);
  });
});
