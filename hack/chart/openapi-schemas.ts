/** An OpenAPI v3 document as an API server serves it for one group and version at `/openapi/v3/…`. */
export interface OpenApiDocument {
  components: { schemas: Record<string, Node> };
}

/** One file of a kubeconform schema location; `path` is where kubeconform looks for it. */
export interface SchemaFile {
  path: string;
  schema: Node;
}

interface Node {
  [keyword: string]: unknown;
}

interface GroupVersionKind {
  group: string;
  version: string;
  kind: string;
}

const COMPONENT = '#/components/schemas/';

/**
 * JSON schemas for every kind of a document, strict: a key that the API server would not know is an error, which its own
 * validation only warns of. The paths are kubeconform's default layout (`<version>-standalone-strict/<kind>-<group>-<version>.json`),
 * so that `kubeconform -strict -kubernetes-version X -schema-location DIR` finds them without a template.
 *
 * @param kubernetesVersion without the `v`
 */
export function schemaFiles(document: OpenApiDocument, kubernetesVersion: string): SchemaFile[] {
  const definitions = Object.fromEntries(
    Object.entries(document.components.schemas).map(([name, schema]) => [name, strict(schema) as Node]),
  );
  return Object.entries(document.components.schemas).flatMap(([name, schema]) => {
    const kinds = (schema['x-kubernetes-group-version-kind'] ?? []) as GroupVersionKind[];
    // A kind listed for several groups is one of apimachinery's own (DeleteOptions, WatchEvent): never a manifest.
    const [kind, ...others] = kinds;
    if (!kind || others.length > 0) return [];
    return [{ path: pathOf(kind, kubernetesVersion), schema: withKind(definitions, name, kind) }];
  });
}

/** The kind's own schema, with apiVersion and kind as they must be, beside everything it refers to. */
function withKind(definitions: Record<string, Node>, name: string, { group, version, kind }: GroupVersionKind): Node {
  const own = definitions[name];
  const apiVersion = group === '' ? version : `${group}/${version}`;
  const properties = { ...(own?.['properties'] as Node), apiVersion: { const: apiVersion }, kind: { const: kind } };
  return {
    ...own,
    properties,
    required: [...((own?.['required'] as string[] | undefined) ?? []), 'apiVersion', 'kind'],
    definitions,
  };
}

function pathOf({ group, version, kind }: GroupVersionKind, kubernetesVersion: string): string {
  const suffix = [group.split('.')[0], version].filter((part) => part !== '').join('-');
  return `v${kubernetesVersion}-standalone-strict/${kind.toLowerCase()}-${suffix}.json`;
}

/** A copy with references pointing into `definitions`, closed objects, and only keywords a JSON-schema validator knows. */
function strict(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(strict);
  if (typeof node !== 'object' || node === null) return node;
  const schema = node as Node;
  const copy = Object.fromEntries(
    Object.entries(schema)
      .filter(([keyword]) => keyword !== 'default' && keyword !== 'description' && !keyword.startsWith('x-kubernetes-'))
      .map(([keyword, value]) => [keyword, keyword === 'properties' ? eachOf(value as Node) : strict(value)]),
  );
  if (typeof schema['$ref'] === 'string') return { $ref: schema['$ref'].replace(COMPONENT, '#/definitions/') };
  return isClosed(schema) ? { ...copy, additionalProperties: false } : copy;
}

/** Below `properties` keys are names, not keywords: one called `default` or `description` must stay. */
function eachOf(properties: Node): Node {
  return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, strict(schema)]));
}

function isClosed(schema: Node): boolean {
  return (
    'properties' in schema &&
    !('additionalProperties' in schema) &&
    schema['x-kubernetes-preserve-unknown-fields'] !== true
  );
}
