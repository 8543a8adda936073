/**
 * Reasons of an AgentRun's conditions beside its failure classes and phases: CamelCase words for programs.
 * The message beside a reason names the field or object and the remedy.
 */
export const RUN_REASONS = {
  // Accepted
  /** Every reference resolved and every policy allowed it. */
  Accepted: 'Accepted',
  /** Nothing could be decided yet: see Blocked. */
  Pending: 'Pending',

  // Blocked=True: a reference
  /** `spec.agentRef` names no Agent of this namespace. */
  AgentNotFound: 'AgentNotFound',
  /** The Agent is there and not Ready. */
  AgentNotReady: 'AgentNotReady',
  /** The Agent's `providerRef` names no AgentProvider of this namespace. */
  ProviderNotFound: 'ProviderNotFound',
  /** The AgentProvider is there and not Ready. */
  ProviderNotReady: 'ProviderNotReady',
  /** `spec.implementationRef` names no ImplementationSpec of this namespace. */
  ImplementationNotFound: 'ImplementationNotFound',
  /** The ImplementationSpec is there and not Ready. */
  ImplementationNotReady: 'ImplementationNotReady',
  /** The Memory that was asked for is not in this namespace. */
  MemoryNotFound: 'MemoryNotFound',
  /** The Memory is there and not Ready. */
  MemoryNotReady: 'MemoryNotReady',
  /** No Memory of this namespace has the capabilities that the provider needs. */
  MemoryCapabilityMissing: 'MemoryCapabilityMissing',

  // Blocked=True: the runtime and the cluster
  /** The Agent's runtime has no adapter, or one without the settings it needs. */
  RuntimeNotSupported: 'RuntimeNotSupported',
  /** No slot is free. */
  Queued: 'Queued',
  /** The Agent is Paused. */
  AgentPaused: 'AgentPaused',
  /** A ResourceQuota refuses the workload for now. */
  QuotaExceeded: 'QuotaExceeded',
  /** The cluster does not let the workload in: the control plane lacks a right, or an admission policy denies it. */
  Forbidden: 'Forbidden',
  /** No node takes the pod; retried until `startDeadlineSeconds`. */
  Unschedulable: 'Unschedulable',
  /** An image cannot be pulled; retried until `startDeadlineSeconds`. */
  ImagePull: 'ImagePull',
  /** A container cannot be made (a missing Secret or key); retried until `startDeadlineSeconds`. */
  ContainerConfig: 'ContainerConfig',
  /** The cluster refuses the pod (Pod Security, no such service account); retried until `startDeadlineSeconds`. */
  PodRejected: 'PodRejected',
  /** The pod's node does not answer; the slot is held and nothing is retried until the pod object is gone. */
  NodeUnreachable: 'NodeUnreachable',
  /** Blocked=False: nothing is waited for. */
  NotBlocked: 'NotBlocked',

  // InProgress
  /** Not submitted yet. */
  NotSubmitted: 'NotSubmitted',
  /** The workload exists and has not started. */
  Submitted: 'Submitted',
  /** The agent runs. */
  Running: 'Running',
  /** An attempt failed and the next one waits for its back-off. */
  Retrying: 'Retrying',
  /** The workload is being stopped: cancel, timeout or delete. */
  Stopping: 'Stopping',

  // Verdicts
  /** The run itself is wrong. */
  InvalidSpec: 'InvalidSpec',
  /** InvalidSpec=False: nothing wrong was found. */
  Valid: 'Valid',
  /** The run is over and succeeded. */
  Succeeded: 'Succeeded',
  /** The run is over and failed. */
  Failed: 'Failed',
  /** `spec.cancel` stopped the run. */
  Cancelled: 'Cancelled',
  /** The run is not over. */
  NotFinished: 'NotFinished',
} as const;

/** Reasons of InvalidSpec=True: what is wrong with the run itself. The message names the field and the remedy. */
export const INVALID_REASONS = {
  /** A Secret that the Agent's `security.allowedSecrets` does not name. */
  SecretNotAllowed: 'SecretNotAllowed',
  /** A service account that `security.allowedServiceAccounts` does not name. */
  ServiceAccountNotAllowed: 'ServiceAccountNotAllowed',
  /** A repository that no prefix of `security.allowedRepositories` matches. */
  RepositoryNotAllowed: 'RepositoryNotAllowed',
  /** An image that no pattern of `security.allowedImages` matches, or one for the checkout that no pattern lets have a credential. */
  ImageNotAllowed: 'ImageNotAllowed',
  /** A claim that `security.allowedVolumeClaims` does not name. */
  VolumeClaimNotAllowed: 'VolumeClaimNotAllowed',
  /** A mount that covers or lies below what is the runner's or the image's own, or another mount of the run. */
  MountNotAllowed: 'MountNotAllowed',
  /** A field of runtimeOverrides that `security.allowedRuntimeOverrides` does not name. */
  OverrideNotAllowed: 'OverrideNotAllowed',
  /** A template of the provider cannot be rendered: a parameter that it needs is missing, or it passes the budget of a run. */
  TemplateFailed: 'TemplateFailed',
  /** The environment names a variable that is the runner's own, or the run one that the runner itself would start with. */
  ReservedVariable: 'ReservedVariable',
  /** Rendered, the run is larger than what a process or the API server takes. */
  TooLarge: 'TooLarge',
  /** Rendered, an argument or a variable of the environment has a NUL character, which no process can be given. */
  NulCharacter: 'NulCharacter',
  /** The API server finds the workload invalid. */
  WorkloadRejected: 'WorkloadRejected',
} as const;

export type InvalidReason = (typeof INVALID_REASONS)[keyof typeof INVALID_REASONS];

export type RunReason = (typeof RUN_REASONS)[keyof typeof RUN_REASONS];

/** Reasons of `Ready` on Agent, AgentProvider, ImplementationSpec, ImplementationSource and Memory. */
export const READY_REASONS = {
  /** Usable. */
  Ready: 'Ready',
  /** The Agent's `providerRef` names no AgentProvider of this namespace. */
  ProviderNotFound: 'ProviderNotFound',
  /** The AgentProvider is there and not Ready. */
  ProviderNotReady: 'ProviderNotReady',
  /** The provider needs a Secret that the Agent's `security.allowedSecrets` does not name. */
  SecretNotAllowed: 'SecretNotAllowed',
  /** The Agent's `memoryRef` names no Memory of this namespace. */
  MemoryNotFound: 'MemoryNotFound',
  /** A template of the provider does not parse or uses an unknown variable. */
  InvalidTemplate: 'InvalidTemplate',
  /** The object itself is wrong; the message names the field. */
  InvalidSpec: 'InvalidSpec',
} as const;

export type ReadyReason = (typeof READY_REASONS)[keyof typeof READY_REASONS];

/** Reasons of `Paused` on Agent, beside the failure class of the run that began a pause. */
export const PAUSED_REASONS = {
  /** Runs are submitted as the limits allow. */
  NotPaused: 'NotPaused',
} as const;
