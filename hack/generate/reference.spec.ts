import type { KindDefinition } from '../../src/api/v1alpha1/definitions.js';
import { referencePage } from './reference.js';
import type { StructuralSchema } from './structural.js';

class Empty {
  color?: string;
}

const definition: KindDefinition = {
  kind: 'Widget',
  plural: 'widgets',
  singular: 'widget',
  shortNames: ['wd'],
  description: 'Widget is a thing.',
  spec: Empty,
  status: Empty,
  columns: [],
  selectableFields: ['.spec.color'],
};

const spec: StructuralSchema = {
  type: 'object',
  description: 'What is wanted.',
  required: ['color'],
  properties: {
    color: { type: 'string', description: 'Red | blue.', enum: ['red', 'blue'], default: 'red' },
    parts: {
      type: 'array',
      description: 'Parts.',
      maxItems: 5,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: {
        type: 'object',
        properties: { name: { type: 'string', description: 'Name.', minLength: 1, maxLength: 9 } },
      },
    },
    sizes: {
      type: 'object',
      description: 'Sizes.',
      maxProperties: 3,
      additionalProperties: { 'x-kubernetes-int-or-string': true, pattern: '^[0-9]+$' },
      'x-kubernetes-validations': [{ rule: 'true', message: 'say less' }],
    },
    since: { type: 'string', format: 'date-time', description: 'Since.' },
    count: { type: 'integer', minimum: 0, description: 'Count.' },
  },
};

const page = referencePage([{ definition, schema: { properties: { spec, status: { type: 'object' } } } }]);

describe('referencePage', () => {
  it.each([
    '## Widget',
    'Names: `widgets`, `wd`. Field selectors: `spec.color`.',
    '| **`spec.color`** | string | Red \\| blue.<br>one of `red`, `blue`; default `"red"` |',
    '| `spec.parts` | list by name | Parts.<br>at most 5 items |',
    '| `spec.parts[].name` | string | Name.<br>1 to 9 characters |',
    '| `spec.sizes` | map | Sizes.<br>at most 3 entries<br>*say less* |',
    '| `spec.sizes{}` | quantity | matches `^[0-9]+$` |',
    '| `spec.since` | time | Since. |',
    '| `spec.count` | integer | Count.<br>at least 0 |',
  ])('says %s', (line) => {
    expect(page.split('\n')).toContain(line);
  });
});
