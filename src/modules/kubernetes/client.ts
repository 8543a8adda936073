import { Injectable } from '@nestjs/common';
import type { KubernetesObject } from '../../api/meta/object.js';
import { isConflict, isNotFound } from './api-error.js';
import { listAll } from './list-all.js';
import { resourcePath, type Resource } from './resource.js';
import { Transport, type TransportRequest } from './transport.js';
import type { Write, WriteSucceeded } from './write.js';

export interface ListOptions {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

export interface PatchOptions {
  readonly subresource?: 'status';
}

export interface DeleteOptions {
  /** Deletes only the object with this uid, never a namesake that came after it. */
  readonly uid?: string;
  /** Deletes the object only as it was read; one that changed since is a Conflict. */
  readonly resourceVersion?: string | undefined;
  readonly propagationPolicy?: 'Background' | 'Foreground';
  readonly gracePeriodSeconds?: number;
}

/** Live reads and writes of single objects as raw JSON. Each call fails with an ApiError and is never retried here. */
@Injectable()
export class KubernetesClient {
  readonly #transport: Transport;
  #beforeWrite: () => void = () => undefined;
  #onWrite: (write: Write) => WriteSucceeded = () => () => undefined;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * Calls `hook` right before each write goes out: whoever must not write any more aborts its signals there, and the
   * write fails as aborted.
   */
  onBeforeWrite(hook: () => void): void {
    this.#beforeWrite = hook;
  }

  /**
   * Calls `hook` when a write is asked for, in the async context of whoever asks, and what it returns once the API server
   * has said that the write succeeded. It must not throw.
   */
  onWrite(hook: (write: Write) => WriteSucceeded): void {
    this.#onWrite = hook;
  }

  /** Reads the object itself, not a cache; undefined when it does not exist. */
  async get<T extends KubernetesObject>(
    resource: Resource<T>,
    namespace: string,
    name: string,
    signal: AbortSignal,
  ): Promise<T | undefined> {
    try {
      const path = resourcePath(resource, namespace, name);
      return (await this.#transport.request({ method: 'GET', path, signal })) as T;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** Reads all objects of a namespace, or of all namespaces when it is undefined, page by page. */
  async list<T extends KubernetesObject>(
    resource: Resource<T>,
    namespace: string | undefined,
    options: ListOptions,
    signal: AbortSignal,
  ): Promise<T[]> {
    const { items } = await listAll(this.#transport, resource, namespace, { ...options }, signal);
    return items;
  }

  async create<T extends KubernetesObject>(
    resource: Resource<T>,
    namespace: string,
    body: object,
    signal: AbortSignal,
  ): Promise<T> {
    const path = resourcePath(resource, namespace);
    const { name = '' } = (body as Partial<KubernetesObject>).metadata ?? {};
    const write = { verb: 'create', resource, namespace, name } as const;
    return (await this.#write(write, { method: 'POST', path, body, signal })) as T;
  }

  /**
   * JSON merge patch (RFC 7386): null deletes a key, lists are replaced. With metadata.resourceVersion in the patch a
   * stale writer gets a Conflict instead of overwriting.
   */
  async mergePatch<T extends KubernetesObject>(
    resource: Resource<T>,
    namespace: string,
    name: string,
    patch: object,
    options: PatchOptions,
    signal: AbortSignal,
  ): Promise<T> {
    const { subresource } = options;
    const path = resourcePath(resource, namespace, name, subresource);
    const contentType = 'application/merge-patch+json';
    const write = { verb: 'patch', resource, subresource, namespace, name } as const;
    return (await this.#write(write, { method: 'PATCH', path, body: patch, contentType, signal })) as T;
  }

  /**
   * @returns false when there was nothing to delete: no such object, or only a namesake with another uid
   * @throws ApiError of Conflict when the object has not the `resourceVersion` that was asked for
   */
  async delete<T extends KubernetesObject>(
    resource: Resource<T>,
    namespace: string,
    name: string,
    options: DeleteOptions,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { uid, resourceVersion, ...rest } = options;
    const preconditions = {
      ...(uid !== undefined && { uid }),
      ...(resourceVersion !== undefined && { resourceVersion }),
    };
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      ...rest,
      ...(Object.keys(preconditions).length > 0 && { preconditions }),
    };
    const path = resourcePath(resource, namespace, name);
    try {
      await this.#write({ verb: 'delete', resource, namespace, name }, { method: 'DELETE', path, body, signal });
      return true;
    } catch (error) {
      // Where the uid is the only precondition that is sent, a conflict means that our object is gone.
      const isAnother = uid !== undefined && resourceVersion === undefined && isConflict(error);
      if (isNotFound(error) || isAnother) return false;
      throw error;
    }
  }

  async #write(write: Write, request: TransportRequest): Promise<unknown> {
    const succeeded = this.#onWrite(write);
    const answer = await this.#transport.request({ ...request, beforeSend: this.#beforeWrite });
    succeeded();
    return answer;
  }
}
