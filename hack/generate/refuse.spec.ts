import { checkSchema } from './refuse.js';
import type { StructuralSchema } from './structural.js';

const name: StructuralSchema = { type: 'string', maxLength: 63 };
const list = (schema: StructuralSchema): StructuralSchema => ({ type: 'array', maxItems: 5, ...schema });

describe('checkSchema', () => {
  it.each<[string, StructuralSchema]>([
    ['a bounded string', name],
    ['a string with an enum', { type: 'string', enum: ['a'] }],
    ['a time', { type: 'string', format: 'date-time' }],
    ['an integer from a minimum', { type: 'integer', minimum: 0 }],
    ['an integer with a rule', { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self > 0', message: 'm' }] }],
    ['a boolean', { type: 'boolean' }],
    ['a quantity', { 'x-kubernetes-int-or-string': true, maxLength: 32 }],
    ['a set of scalars', list({ 'x-kubernetes-list-type': 'set', items: name })],
    [
      'an atomic list of objects',
      list({ 'x-kubernetes-list-type': 'atomic', items: { type: 'object', properties: {} } }),
    ],
    ['a bounded map', { type: 'object', maxProperties: 3, additionalProperties: name }],
    [
      'a list with keys',
      list({
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name'],
        items: { type: 'object', required: ['name'], properties: { name } },
      }),
    ],
  ])('accepts %s', (_name, schema) => {
    expect(() => checkSchema(schema, 'spec.x')).not.toThrow();
  });

  it.each<[string, StructuralSchema, string]>([
    ['a string without a bound', { type: 'string' }, 'a string needs a maxLength'],
    ['an integer without a minimum', { type: 'integer', maximum: 9 }, 'an integer needs a minimum'],
    ['a union type', {}, 'the field needs a type'],
    [
      'a list without a bound',
      { type: 'array', items: name, 'x-kubernetes-list-type': 'set' },
      'a list needs a maxItems',
    ],
    ['a list without a type for its items', list({ 'x-kubernetes-list-type': 'set' }), 'a type for its items'],
    ['a list without a list type', list({ items: name }), 'a list needs a list type'],
    [
      'a set of objects',
      list({ 'x-kubernetes-list-type': 'set', items: { type: 'object', properties: { name } } }),
      'holds scalars only',
    ],
    ['a list map without keys', list({ 'x-kubernetes-list-type': 'map', items: name }), 'needs its keys'],
    [
      'a list map whose key is an object',
      list({
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['ref'],
        items: { type: 'object', required: ['ref'], properties: { ref: { type: 'object' } } },
      }),
      'the list key ref must be a scalar',
    ],
    [
      'a list map whose key may be absent',
      list({
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name'],
        items: { type: 'object', properties: { name } },
      }),
      'the list key name must be required',
    ],
    ['an object without anything', { type: 'object' }, 'an object needs fields'],
    ['a map without a bound', { type: 'object', additionalProperties: name }, 'a map needs a maxProperties'],
    [
      'an object that is a map too',
      { type: 'object', maxProperties: 1, properties: { name }, additionalProperties: name },
      'never both',
    ],
  ])('refuses %s and names the field', (_name, schema, problem) => {
    expect(() => checkSchema(schema, 'spec.x')).toThrow(problem);
    expect(() => checkSchema(schema, 'spec.x')).toThrow(/^spec\.x: /);
  });
});
