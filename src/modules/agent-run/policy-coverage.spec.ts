import { describe, expect, it } from '@jest/globals';
import { schemaOf, walk } from '../../../test/crd/support/schema-walk.js';
import { WAYS } from '../../../test/support/allow-list-rows.js';
import { RUNTIME_OVERRIDE_FIELDS } from '../../api/v1alpha1/runtime-kind.js';

/** Whether a path of the schema is a field or lies in it. */
function isWithin(path: string, field: string): boolean {
  return path === field || ['.', '[', '{'].some((mark) => path.startsWith(field + mark));
}

describe('the schema of a run', () => {
  const spec = schemaOf('agentruns').properties?.['spec'] ?? {};
  const leaves = walk(spec, 'spec').filter(({ schema }) => !schema.properties && !schema.items);

  /** Fields that sound as if they named something that an Agent has to allow. */
  const HARMLESS = [
    // For people: nothing opens it.
    'spec.implementation.inline.source.url',
    // Of a Secret or Memory that the field beside it names.
    'spec.secrets[].keys[].key',
    'spec.secrets[].keys[].env',
    'spec.secrets[].mountPath',
  ];

  it('has no way to name something that the table above does not try', () => {
    const tried = Object.values(WAYS).map(({ names }) => names);
    const sounding = leaves
      .map(({ path }) => path)
      .filter((path) => /secret|credential|token|claim|account|image|url|endpoint|address|memory|overrides/i.test(path))
      .filter((path) => !HARMLESS.includes(path) && !path.endsWith('resources.memory'));
    expect(sounding.filter((path) => !tried.some((names) => isWithin(path, names)))).toEqual([]);
  });

  it('has no endpoint, address or credential for a runtime: a run does not choose where it is sent', () => {
    const overrides = leaves.map(({ path }) => path).filter((path) => path.startsWith('spec.runtimeOverrides.'));
    const allowed = RUNTIME_OVERRIDE_FIELDS.map((field) => `spec.runtimeOverrides.${field}`);
    expect(overrides.filter((path) => !allowed.some((field) => isWithin(path, field)))).toEqual([]);
    expect(overrides.filter((path) => /endpoint|address|secret|credential|url|token/i.test(path))).toEqual([]);
  });

  it('has no volumes but those of the table and what holds no secret of somebody else', () => {
    const sources = Object.keys(spec.properties?.['workload']?.properties?.['volumes']?.items?.properties ?? {});
    expect(sources.toSorted()).toEqual(
      ['configMap', 'emptyDir', 'mountPath', 'name', 'persistentVolumeClaim', 'readOnly', 'secret'].toSorted(),
    );
  });
});
