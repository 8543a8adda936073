import { API_VERSION, GROUP, VERSION } from '../../../src/api/v1alpha1/group-version.js';
import { DEFINITIONS } from '../../../src/api/v1alpha1/definitions.js';
import type { KubernetesObject } from '../../../src/api/meta/object.js';
import { type ApiAnswer, type ApiServer } from '../../support/api-server.js';

export type Plural =
  'agents' | 'agentproviders' | 'agentruns' | 'implementationspecs' | 'implementationsources' | 'memories';

export interface StoredObject extends KubernetesObject {
  spec: Record<string, unknown>;
  status?: Record<string, unknown>;
}

/** One complaint of the API server: a field and what is wrong with it. */
export interface Cause {
  field: string;
  message: string;
}

export const kindOf = (plural: Plural): string => DEFINITIONS.find((definition) => definition.plural === plural)!.kind;

/** The object as it is sent. */
export function manifest(plural: Plural, name: string, spec: object): object {
  return { apiVersion: API_VERSION, kind: kindOf(plural), metadata: { name }, spec };
}

export const collectionPath = (namespace: string, plural: Plural): string =>
  `/apis/${GROUP}/${VERSION}/namespaces/${namespace}/${plural}`;

/** What the API server objects to; empty when it accepted. Anything but 2xx and 422 is an error of the test. */
export function causesOf({ status, body }: ApiAnswer): Cause[] {
  if (status < 300) return [];
  const { details, message } = body as { details?: { causes?: Cause[] }; message?: string };
  if (status !== 422) throw new Error(`unexpected ${status}: ${message ?? JSON.stringify(body)}`);
  return details?.causes ?? [];
}

/** Talks to the API server about the objects of one namespace, which it makes. */
export class Admission {
  readonly #server: ApiServer;
  readonly namespace: string;

  constructor(server: ApiServer, namespace: string) {
    this.#server = server;
    this.namespace = namespace;
  }

  async makeNamespace(): Promise<void> {
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: this.namespace } };
    const { status } = await this.#server.client.send('POST', '/api/v1/namespaces', { body });
    if (status !== 201) throw new Error(`the namespace ${this.namespace} was not made: ${status}`);
  }

  /** Asks whether an object could be created, without creating it; unknown fields are an error. */
  async tryCreate(plural: Plural, spec: object): Promise<ApiAnswer> {
    const path = `${collectionPath(this.namespace, plural)}?dryRun=All&fieldValidation=Strict`;
    return this.#server.client.send('POST', path, { body: manifest(plural, 'candidate', spec) });
  }

  async create(plural: Plural, name: string, spec: object): Promise<StoredObject> {
    const path = `${collectionPath(this.namespace, plural)}?fieldValidation=Strict`;
    const { status, body } = await this.#server.client.send('POST', path, { body: manifest(plural, name, spec) });
    if (status !== 201) throw new Error(`${plural}/${name} was refused: ${JSON.stringify(body)}`);
    return body as StoredObject;
  }

  async get(plural: Plural, name: string): Promise<StoredObject> {
    const { body } = await this.#server.client.send('GET', `${collectionPath(this.namespace, plural)}/${name}`);
    return body as StoredObject;
  }

  /** Asks whether the spec of a stored object could be replaced, without replacing it. */
  async tryReplace(plural: Plural, stored: StoredObject, spec: object): Promise<ApiAnswer> {
    const path = `${collectionPath(this.namespace, plural)}/${stored.metadata.name}?dryRun=All&fieldValidation=Strict`;
    return this.#server.client.send('PUT', path, { body: { ...stored, spec } });
  }

  /** Writes the status as the control plane does: a merge patch on the subresource. */
  async writeStatus(plural: Plural, name: string, status: object): Promise<ApiAnswer> {
    const path = `${collectionPath(this.namespace, plural)}/${name}/status?fieldValidation=Strict`;
    return this.#server.client.send('PATCH', path, { body: { status }, contentType: 'application/merge-patch+json' });
  }
}
