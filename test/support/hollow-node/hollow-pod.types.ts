import type { KubernetesObject } from '../../../src/api/meta/object.js';
import type { Pod } from '../../../src/modules/runtime/job/job.types.js';

/** The parts of a pod that a kubelet reads here. */
export interface HollowPod extends KubernetesObject {
  readonly metadata: KubernetesObject['metadata'] & { readonly deletionGracePeriodSeconds?: number };
  readonly spec: { readonly nodeName?: string };
  readonly status?: Pod['status'];
}

/** What a kubelet writes into a pod's status. */
export type HollowPodStatus = NonNullable<Pod['status']> & { startTime?: string };
