import { Injectable } from '@nestjs/common';
import type { KubernetesObject } from '../../api/meta/object.js';
import { isNotFound } from '../kubernetes/api-error.js';
import { KubernetesClient } from '../kubernetes/client.js';
import type { Resource } from '../kubernetes/resource.js';
import { mergePatch } from './status-patch.js';

/** The one way a status is written. */
@Injectable()
export class StatusWriter {
  readonly #client: KubernetesClient;

  constructor(client: KubernetesClient) {
    this.#client = client;
  }

  /**
   * Makes the status of `object` be `next`, all of it: keys missing there are removed. The patch carries the
   * resourceVersion that `object` was read with, because leader election is no fence: without it, a writer with an old
   * copy moves `Running` back to `Pending` and gets 200.
   *
   * @returns the object as written; undefined when there was nothing to write or the object is gone
   * @throws ApiError of Conflict when the object was changed since it was read
   */
  async write<T extends KubernetesObject & { status?: object }>(
    resource: Resource<T>,
    object: T,
    next: NonNullable<T['status']>,
    signal: AbortSignal,
  ): Promise<T | undefined> {
    const status = mergePatch(object.status, next);
    // A write without a change would wake every watcher, this reconciler among them, for ever.
    if (status === undefined) return undefined;
    const { namespace = '', name, uid, resourceVersion } = object.metadata;
    const patch = { metadata: { uid, resourceVersion }, status };
    try {
      return await this.#client.mergePatch(resource, namespace, name, patch, { subresource: 'status' }, signal);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }
}
