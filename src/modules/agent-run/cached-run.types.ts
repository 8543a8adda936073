import type { AgentRun, AgentRunSpec } from '../../api/v1alpha1/agent-run.types.js';

/** What still counts once a run is submitted: everything else is in its frozen ExecutionSpec. */
export const AFTER_SUBMISSION = [
  'agentRef',
  'implementationRef',
  'memoryRef',
  'timeoutSeconds',
  'retry',
  'ttlSecondsAfterFinished',
  'priority',
  'cancel',
] as const satisfies (keyof AgentRunSpec)[];

/**
 * A run as caches have it (trim.observe.ts): one that was submitted has no more of its spec than this, and a finished one
 * little of its status. What resolves a run takes it as AgentRun, and is asked only while nothing was submitted.
 */
export type CachedRun = Omit<AgentRun, 'spec'> & {
  spec: Pick<AgentRunSpec, (typeof AFTER_SUBMISSION)[number]> & {
    execution: { coordinates: { git: { url: string } } };
  };
};
