/** Why an attempt failed: a closed set, so that retries, metrics and people can rely on it. */
export const FAILURE_CLASSES = [
  /** The agent's own exit code says so. Retried only when named in `retry.on`. */
  'AgentError',
  /** The attempt ran longer than `timeoutSeconds`. Retried only when named in `retry.on`. */
  'Timeout',
  /** A container was killed at its memory limit. Retried only when named in `retry.on`. */
  'OutOfMemory',
  /** The node evicted the pod, or a pod of higher priority displaced it. Always retried. */
  'Evicted',
  /** No node took the pod before `startDeadlineSeconds`. */
  'Unschedulable',
  /** An image could not be pulled before `startDeadlineSeconds`. */
  'ImagePull',
  /** A container could not be made before `startDeadlineSeconds`: a missing Secret or key, no agent-runner in the image. */
  'ContainerConfig',
  /** The cluster refused the pod until `startDeadlineSeconds`: Pod Security, no such service account. */
  'PodRejected',
  /** The repository could not be checked out. Always retried. */
  'CheckoutFailed',
  /** A required artifact was not there after a successful exit. */
  'ArtifactMissing',
  /** The agent's service asked to slow down. Always retried. */
  'RateLimited',
  /** The agent's service has no quota left. */
  'QuotaExhausted',
  /** The agent's service refused its credentials. */
  'AuthFailed',
  /** The workload vanished, or its node did. Always retried. */
  'WorkloadLost',
  /** The runtime failed, not the agent. Always retried. */
  'RuntimeError',
  /** An object of the workload's name exists and belongs to something else. */
  'NameConflict',
] as const;

export type FailureClass = (typeof FAILURE_CLASSES)[number];

/** The classes that are retried whatever a run says: the cluster or a service failed, not the agent. */
export const ALWAYS_RETRIED_CLASSES = [
  'Evicted',
  'WorkloadLost',
  'RateLimited',
  'CheckoutFailed',
  'RuntimeError',
] as const satisfies FailureClass[];

/** The classes that are retried only when a run asks for it with `retry.on`. */
export const OPTIONAL_RETRY_CLASSES = ['AgentError', 'Timeout', 'OutOfMemory'] as const satisfies FailureClass[];

export type OptionalRetryClass = (typeof OPTIONAL_RETRY_CLASSES)[number];

/** The classes that a provider's `failureRules` may assign: what only the agent's output can tell. */
export const RULE_FAILURE_CLASSES = [
  'AgentError',
  'RateLimited',
  'QuotaExhausted',
  'AuthFailed',
] as const satisfies FailureClass[];

export type RuleFailureClass = (typeof RULE_FAILURE_CLASSES)[number];
