/** Schema defaults of an Agent's `spec.pod`; the API server writes them, so readers of old objects need them too. */
export const AGENT_POD_DEFAULTS = {
  runAsUser: 65_532,
  fsGroup: 65_532,
  readOnlyRootFilesystem: false,
  terminationGracePeriodSeconds: 30,
  startDeadlineSeconds: 600,
} as const;
