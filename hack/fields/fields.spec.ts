import { describe, expect, it } from '@jest/globals';
import { leafKey, type Leaf } from '../../test/support/field-tags.js';
import type { StructuralSchema } from '../generate/structural.js';
import { leavesOf, leavesOfDefinitions } from './leaves.js';
import { owedBy, owedFields } from './owed.js';
import { withFields } from './table.js';
import { taggedTests } from './tagged-tests.js';

const leaves = leavesOfDefinitions();
const known = new Set(leaves.map(leafKey));
const tests = taggedTests();

describe('every field of the six kinds', () => {
  it('has a test that is tagged with it, or is owed', () => {
    expect(known.size).toBeGreaterThan(270);
    const untold = leaves.filter((leaf) => !tests.has(leafKey(leaf)) && owedBy(leaf) === undefined);
    expect(untold.map(leafKey)).toEqual([]);
  });

  it('is owed only until a test is tagged with it', () => {
    expect(owedFields().filter((field) => tests.has(field))).toEqual([]);
  });
});

describe('tags and debts', () => {
  it('name fields that exist', () => {
    const named = [...tests.keys(), ...owedFields()];
    expect(named.filter((field) => !known.has(field))).toEqual([]);
  });
});

describe('the leaves of a schema', () => {
  it('are its values, those of items and of maps included', () => {
    const text = { type: 'string' } as const;
    const of = (properties: Record<string, StructuralSchema>): StructuralSchema => ({ type: 'object', properties });
    const list = { type: 'array', items: of({ name: text, keys: { type: 'array', items: text } }) } as const;
    const spec = of({ image: text, volumes: list, labels: { type: 'object', additionalProperties: text } });
    const paths = leavesOf('AgentRun', of({ spec, status: of({ phase: text }) })).map(({ path }) => path);
    expect(paths).toEqual(['spec.image', 'spec.volumes.name', 'spec.volumes.keys', 'spec.labels', 'status.phase']);
  });

  it('are all but what every object has, also beside spec and status and of an object without fields', () => {
    const text = { type: 'string' } as const;
    const bare = { type: 'object', properties: {} } as const;
    const root: StructuralSchema = {
      type: 'object',
      properties: {
        apiVersion: text,
        kind: text,
        metadata: bare,
        spec: { type: 'object', properties: { scratch: bare } },
        data: text,
      },
    };
    expect(leavesOf('AgentRun', root).map(({ path }) => path)).toEqual(['spec.scratch', 'data']);
  });
});

describe('the table of a page', () => {
  const page =
    'Text.\n<!-- fields:begin, generated from the titles of the tests -->\nold\n<!-- fields:end -->\nMore.\n';
  const leaf: Leaf = { kind: 'AgentRun', path: 'spec.cancel' };

  it('has a row for each field with its tests, and leaves the rest alone', () => {
    const cancel = [{ file: 'src/modules/agent-run/a.spec.ts', title: 'stops | *it*' }];
    const owed: Leaf = { kind: 'Memory', path: 'spec.healthCheck.enabled' };
    expect(withFields(page, [leaf, owed], new Map([['AgentRun spec.cancel', cancel]]))).toBe(
      [
        'Text.',
        '<!-- fields:begin, generated from the titles of the tests -->',
        '',
        '| Field | Proved by |',
        '| --- | --- |',
        '| `spec.cancel` | [agent-run/a](../../../src/modules/agent-run/a.spec.ts): stops \\| \\*it\\* |',
        '| `spec.healthCheck.enabled` | *not yet: the connection of a Memory* |',
        '',
        '<!-- fields:end -->',
        'More.',
        '',
      ].join('\n'),
    );
  });

  it('needs both markers', () => {
    expect(() => withFields('Text.', [leaf], new Map())).toThrow('no line "<!-- fields:begin');
  });
});
