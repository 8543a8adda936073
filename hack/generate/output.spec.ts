import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { DEFINITIONS } from '../../src/api/v1alpha1/definitions.js';
import { RUNTIME_OVERRIDE_FIELDS } from '../../src/api/v1alpha1/runtime-kind.js';
import type { CustomResourceDefinition } from './crd.js';
import type { StructuralSchema } from './structural.js';

const DIRECTORY = 'charts/agents/crds';
const fileOf = (plural: string): string => join(DIRECTORY, `agents.proompteng.ai_${plural}.yaml`);

function schemaOf(plural: string): StructuralSchema {
  const { spec } = parse(readFileSync(fileOf(plural), 'utf8')) as CustomResourceDefinition;
  const [version] = spec['versions'] as { schema: { openAPIV3Schema: StructuralSchema } }[];
  return version?.schema.openAPIV3Schema ?? {};
}

describe('the generated CustomResourceDefinitions', () => {
  it('are one file per kind', () => {
    const files = readdirSync(DIRECTORY).map((file) => join(DIRECTORY, file));
    expect(files.toSorted()).toEqual(DEFINITIONS.map(({ plural }) => fileOf(plural)).toSorted());
  });

  it.each(DEFINITIONS.map(({ plural }) => plural))('%s is smaller than 64 KiB', (plural) => {
    expect(statSync(fileOf(plural)).size).toBeLessThan(64 * 1024);
  });

  it.each(DEFINITIONS.map(({ plural }) => plural))('%s means the same in YAML 1.1, which kubectl reads', (plural) => {
    const text = readFileSync(fileOf(plural), 'utf8');
    expect(parse(text, { version: '1.1' })).toEqual(parse(text));
  });

  it.each(['agents', 'agentproviders', 'agentruns'])('%s speaks of no issue tracker', (plural) => {
    expect(readFileSync(fileOf(plural), 'utf8')).not.toMatch(/github|linear/i);
  });

  it('let an Agent allow exactly the overrides that a run can make', () => {
    const overrides = schemaOf('agentruns').properties?.['spec']?.properties?.['runtimeOverrides']?.properties ?? {};
    const fields = Object.entries(overrides).flatMap(([runtime, block]) =>
      Object.keys(block.properties ?? {}).map((field) => `${runtime}.${field}`),
    );
    expect(fields.toSorted()).toEqual(RUNTIME_OVERRIDE_FIELDS.toSorted());
  });

  it('let no run override an endpoint, an address or a credential', () => {
    const overrides = schemaOf('agentruns').properties?.['spec']?.properties?.['runtimeOverrides'];
    expect(JSON.stringify(overrides)).not.toMatch(/"(endpoint|address|\w+SecretRef)"/);
  });
});
