import { readFileSync } from 'node:fs';
import { parse, parseAllDocuments } from 'yaml';
import { sharedApiServer } from '../support/api-server.js';
import { CHART, template } from './support/helm.js';

const readme = readFileSync(`${CHART}/README.md`, 'utf8');
const examples = [...readme.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, text = '']) => text);
const manifests = examples.filter((text) => text.includes('apiVersion:'));
const values = examples.filter((text) => !text.includes('apiVersion:'));
const server = sharedApiServer();

afterAll(async () => server.stop());

describe('the chart’s README', () => {
  it('has examples of objects and of values', () => {
    expect(manifests.length).toBeGreaterThan(0);
    expect(values.length).toBeGreaterThan(0);
  });

  it('shows objects that the API server takes, with no field it does not know', async () => {
    for (const text of manifests) {
      expect(parseAllDocuments(text).length).toBeGreaterThan(0);
      const { code, stderr } = await server.kubectl(
        ['create', '--dry-run=server', '--validate=strict', '-f', '-'],
        text,
      );
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    }
  });

  it.each(values)('shows values that the chart takes: %#', async (text) => {
    const { code, stderr } = await template(parse(text) as object);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});
