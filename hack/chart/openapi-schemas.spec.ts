import { Ajv } from 'ajv';
import { schemaFiles } from './openapi-schemas.js';

const WIDGET = {
  type: 'object',
  description: 'A widget.',
  required: ['spec'],
  properties: {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: { allOf: [{ $ref: '#/components/schemas/Meta' }], default: {} },
    spec: { $ref: '#/components/schemas/Spec' },
  },
  'x-kubernetes-group-version-kind': [{ group: 'example.com', version: 'v1', kind: 'Widget' }],
};
const COMPONENTS = {
  Widget: WIDGET,
  Meta: {
    type: 'object',
    properties: { name: { type: 'string' }, labels: { type: 'object', additionalProperties: { type: 'string' } } },
  },
  Spec: {
    type: 'object',
    properties: {
      default: { type: 'integer' },
      children: { type: 'array', items: { $ref: '#/components/schemas/Spec' } },
      free: { type: 'object', properties: {}, 'x-kubernetes-preserve-unknown-fields': true },
    },
  },
  Shared: {
    type: 'object',
    'x-kubernetes-group-version-kind': [
      { group: '', version: 'v1', kind: 'Options' },
      { group: 'apps', version: 'v1', kind: 'Options' },
    ],
  },
};

describe('schemaFiles', () => {
  const files = schemaFiles({ components: { schemas: COMPONENTS } }, '1.35.4');
  const validate = new Ajv().compile(files[0]?.schema ?? false);

  it('puts each kind, but not what all groups share, where kubeconform looks for it', () => {
    expect(files.map(({ path }) => path)).toEqual(['v1.35.4-standalone-strict/widget-example-v1.json']);
  });

  it('leaves the group out of the path of a core kind', () => {
    const core = {
      Pod: { type: 'object', 'x-kubernetes-group-version-kind': [{ group: '', version: 'v1', kind: 'Pod' }] },
    };
    expect(schemaFiles({ components: { schemas: core } }, '1.35.4')[0]?.path).toBe(
      'v1.35.4-standalone-strict/pod-v1.json',
    );
  });

  it.each([
    [
      'a kind with everything it may have',
      widget({ default: 1, children: [{ children: [] }], free: { any: 'thing' } }, { name: 'a', labels: { b: 'c' } }),
      true,
    ],
    ['an unknown key', { ...widget({}), extra: 1 }, false],
    ['an unknown key behind a reference', widget({}, { nmae: 'a' }), false],
    ['an unknown key in a recursion', widget({ children: [{ children: [{ chidlren: [] }] }] }), false],
    ['a wrong type', widget({ default: 'one' }), false],
    ['a missing required key', { apiVersion: 'example.com/v1', kind: 'Widget' }, false],
    ['another kind', { ...widget({}), kind: 'Gadget' }, false],
    ['another version', { ...widget({}), apiVersion: 'example.com/v2' }, false],
  ])('judges %s', (_title, manifest, expected) => {
    expect(validate(manifest)).toBe(expected);
  });
});

function widget(spec: object, metadata: object = {}) {
  return { apiVersion: 'example.com/v1', kind: 'Widget', metadata, spec };
}
