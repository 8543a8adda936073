import type { KubernetesObject } from '../../../api/meta/object.js';

/** The fields of batch/v1 Job that are read; times are RFC 3339 texts, as on the wire. */
export interface Job extends KubernetesObject {
  status?: {
    active?: number;
    failed?: number;
    succeeded?: number;
    terminating?: number;
    startTime?: string;
    completionTime?: string;
    conditions?: { type: string; status: string; reason?: string; message?: string; lastTransitionTime?: string }[];
  };
}

/** core/v1 ContainerStateTerminated. */
export interface TerminatedState {
  exitCode: number;
  signal?: number;
  reason?: string;
  message?: string;
  startedAt?: string | null;
  finishedAt?: string | null;
}

/** core/v1 ContainerStatus. */
export interface ContainerStatus {
  name: string;
  image?: string;
  state?: {
    waiting?: { reason?: string; message?: string };
    running?: { startedAt?: string };
    terminated?: TerminatedState;
  };
}

/** The fields of core/v1 Pod that are read. */
export interface Pod extends KubernetesObject {
  status?: {
    phase?: string;
    reason?: string;
    message?: string;
    conditions?: {
      type: string;
      status: string;
      reason?: string;
      message?: string;
      lastTransitionTime?: string | null;
    }[];
    initContainerStatuses?: ContainerStatus[];
    containerStatuses?: ContainerStatus[];
  };
}

/** Names of the pod's containers. */
export const CONTAINERS = {
  install: 'install-runner',
  checkout: 'checkout',
  agent: 'agent',
  store: 'artifact-store',
} as const;

/**
 * On the Job of a run whose artifacts are stored: what keys and URLs of the attempt's artifacts begin with. So neither is
 * taken from a report, which the agent could write.
 */
export const STORE_ANNOTATIONS = {
  keyPrefix: 'agents.proompteng.ai/artifact-key-prefix',
  urlPrefix: 'agents.proompteng.ai/artifact-url-prefix',
} as const;

/**
 * On the Job, as they were frozen, so that watching a run needs no read of the frozen spec: how long it may take to start,
 * and how long the agent may run with the runner's own deadline and grace. Seconds; 0 = for ever.
 */
export const DEADLINE_ANNOTATIONS = {
  start: 'agents.proompteng.ai/start-deadline-seconds',
  end: 'agents.proompteng.ai/end-deadline-seconds',
} as const;
