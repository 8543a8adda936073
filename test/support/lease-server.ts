import { ApiError } from '../../src/modules/kubernetes/api-error.js';
import type { TransportRequest } from '../../src/modules/kubernetes/transport.js';
import type { Lease } from '../../src/modules/kubernetes/wire.js';

/**
 * - `unanswered`: the request arrives, its answer does not
 * - `network`: it does not arrive
 * - `conflict`: it is refused, whatever was sent; `garbled`: with an answer that cannot be read
 */
export type Fault = 'unanswered' | 'network' | 'conflict' | 'garbled';

/** One Lease with the API server's optimistic locking. Faults are used up one per request; undefined is none. */
export class LeaseServer {
  lease: Lease | undefined;
  readonly requests: TransportRequest[] = [];
  readonly faults: (Fault | undefined)[] = [];
  #version = 0;

  readonly request = (request: TransportRequest): Promise<unknown> => {
    this.requests.push(request);
    const fault = this.faults.shift();
    if (fault === 'network') return this.unreachable(request);
    if (fault === 'conflict') return this.#refuse(request, 409, 'Conflict');
    if (fault === 'garbled') return this.#refuse(request, 409, 'Unknown');
    const answer = this.#serve(request);
    return fault === 'unanswered' ? Promise.reject(this.#error(request, 0, 'Timeout')) : answer;
  };

  unreachable(request: TransportRequest): Promise<never> {
    return this.#refuse(request, 0, 'NetworkError');
  }

  #serve(request: TransportRequest): Promise<unknown> {
    const sent = request.body as Lease | undefined;
    if (request.method === 'GET') {
      return this.lease === undefined ? this.#refuse(request, 404, 'NotFound') : Promise.resolve(this.lease);
    }
    if (request.method === 'POST') {
      return this.lease === undefined ? this.#store(sent) : this.#refuse(request, 409, 'AlreadyExists');
    }
    if (this.lease === undefined) return this.#refuse(request, 404, 'NotFound');
    const current = this.lease.metadata.resourceVersion === sent?.metadata.resourceVersion;
    return current ? this.#store(sent) : this.#refuse(request, 409, 'Conflict');
  }

  #store(lease: Lease | undefined): Promise<unknown> {
    if (lease === undefined) throw new Error('nothing was sent');
    this.#version += 1;
    this.lease = { ...lease, metadata: { ...lease.metadata, resourceVersion: String(this.#version) } };
    return Promise.resolve(this.lease);
  }

  #refuse(request: TransportRequest, code: number, reason: string): Promise<never> {
    return Promise.reject(this.#error(request, code, reason));
  }

  #error(request: TransportRequest, code: number, reason: string): ApiError {
    return new ApiError({ method: request.method, target: 'leases ns/l', code, reason });
  }
}
