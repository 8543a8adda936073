import type { ApiServer } from '../../support/api-server.js';

interface Lease {
  metadata: object;
  spec?: { holderIdentity?: string; renewTime?: string };
}

/** The Lease of one installation, as somebody with the rights of an administrator treats it. */
export class InstallationLease {
  readonly #server: ApiServer;
  readonly #path: string;

  constructor(server: ApiServer, namespace: string) {
    this.#server = server;
    this.#path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/jangar`;
  }

  /** Name of the replica that holds it; empty when none does or nobody can tell. */
  async holder(): Promise<string> {
    const lease = await this.#read();
    return lease?.spec?.holderIdentity?.replace(/_[^_]*$/, '') ?? '';
  }

  /** Makes somebody else the holder, whoever has it: an empty name lets the next candidate take it at once. */
  async steal(holderIdentity: string): Promise<boolean> {
    const lease = await this.#read();
    if (lease === undefined) return false;
    // Like a thief's clock: of another machine, and later than all that was written before.
    const spec = { ...lease.spec, holderIdentity, renewTime: new Date().toISOString().replace('Z', '000Z') };
    const answer = await this.#server.client
      .send('PUT', this.#path, { body: { ...lease, spec } })
      .catch(() => undefined);
    return answer?.status === 200;
  }

  async #read(): Promise<Lease | undefined> {
    const answer = await this.#server.client.send('GET', this.#path).catch(() => undefined);
    return answer?.status === 200 ? (answer.body as Lease) : undefined;
  }
}
