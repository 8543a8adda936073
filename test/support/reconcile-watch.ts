import type { KubernetesObject } from '../../src/api/meta/object.js';
import type { Resource } from '../../src/modules/kubernetes/resource.js';
import type { KubernetesStack } from './kubernetes-stack.js';
import { type CheckedObject, checkStatusInvariants } from './status-invariants.js';

/** Checks every state that an object goes through against the status invariants, by a watch of its own. */
export class StatusWatch {
  readonly violations: string[] = [];
  readonly #seen = new Set<string>();

  /** Before the stack's informers start. */
  constructor(
    stack: KubernetesStack,
    resources: readonly Resource<KubernetesObject>[],
    secrets: readonly string[] = [],
  ) {
    for (const resource of resources) {
      stack.informers.register(resource, {}).onEvent(({ type, object, previous }) => {
        if (type === 'deleted') return;
        this.#seen.add(`${object.kind} ${object.metadata.name}`);
        this.#check(object, previous, secrets);
      });
    }
  }

  /** `Kind name` of everything that was checked: a watch that saw nothing proves nothing. */
  get seen(): readonly string[] {
    return [...this.#seen].toSorted();
  }

  #check(object: CheckedObject, previous: CheckedObject | undefined, secrets: readonly string[]): void {
    try {
      checkStatusInvariants(object, { secrets, ...(previous === undefined ? {} : { previous }) });
    } catch (error) {
      this.violations.push(error instanceof Error ? error.message : 'unknown');
    }
  }
}
