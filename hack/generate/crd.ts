import type { KindDefinition } from '../../src/api/v1alpha1/definitions.js';
import { GROUP, VERSION } from '../../src/api/v1alpha1/group-version.js';
import type { Converter } from './convert.js';
import type { StructuralSchema } from './structural.js';

/** Category of all kinds. It is also a plural: `kubectl get agents` lists every kind, `kubectl get agent` Agents alone. */
/** Not `agents`: kubectl looks at categories before plurals, and `kubectl delete agents --all` would delete every kind. */
const CATEGORY = 'jangar';

/** A CustomResourceDefinition as YAML will show it. */
export interface CustomResourceDefinition {
  apiVersion: 'apiextensions.k8s.io/v1';
  kind: 'CustomResourceDefinition';
  metadata: { name: string };
  spec: Record<string, unknown>;
}

/** The schema of one kind's objects, from the root. */
export function rootSchema(definition: KindDefinition, converter: Converter): StructuralSchema {
  return {
    description: definition.description,
    type: 'object',
    required: ['spec'],
    properties: {
      apiVersion: { description: 'Version of the schema of this object.', type: 'string' },
      kind: { description: 'Kind of this object.', type: 'string' },
      metadata: { type: 'object' },
      spec: converter.model(definition.spec.name, 'What is wanted.', 'spec'),
      status: converter.model(
        definition.status.name,
        'What the control plane found out; written by it alone.',
        'status',
      ),
    },
  };
}

/** The CustomResourceDefinition of one kind around its schema. */
export function customResourceDefinition(
  definition: KindDefinition,
  schema: StructuralSchema,
): CustomResourceDefinition {
  const { kind, plural, singular, shortNames, columns, selectableFields } = definition;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${GROUP}` },
    spec: {
      group: GROUP,
      scope: 'Namespaced',
      names: { kind, listKind: `${kind}List`, plural, singular, shortNames, categories: [CATEGORY] },
      versions: [
        {
          name: VERSION,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: columns,
          ...(selectableFields.length > 0 && { selectableFields: selectableFields.map((jsonPath) => ({ jsonPath })) }),
          schema: { openAPIV3Schema: schema },
        },
      ],
    },
  };
}
