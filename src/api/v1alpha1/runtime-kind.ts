/** The runtimes that a workload can be submitted to. */
export const RUNTIME_TYPES = ['job', 'argo', 'temporal', 'custom'] as const;

export type RuntimeType = (typeof RUNTIME_TYPES)[number];

/**
 * Names that an Agent's `security.allowedRuntimeOverrides` may hold: one per field of an AgentRun's
 * `runtimeOverrides`, as `<runtime>.<field>`.
 */
export const RUNTIME_OVERRIDE_FIELDS = [
  'job.nodeSelector',
  'job.tolerations',
  'job.runtimeClassName',
  'job.priorityClassName',
  'job.labels',
  'job.annotations',
  'argo.workflowTemplateRef',
  'argo.entrypoint',
  'argo.arguments',
  'argo.executorServiceAccountName',
  'temporal.namespace',
  'temporal.taskQueue',
  'temporal.workflowType',
  'temporal.memo',
  'custom.payload',
] as const;

export type RuntimeOverrideField = (typeof RUNTIME_OVERRIDE_FIELDS)[number];
