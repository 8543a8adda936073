const PREFIX = 'agents.proompteng.ai';

/** Labels of every object made for a run; values go through `labelValue`. */
export const LABELS = {
  /** Name of the AgentRun. */
  agentRun: `${PREFIX}/agent-run`,
  /** Its uid: what selects a run's objects, since names are used again. */
  agentRunUid: `${PREFIX}/agent-run-uid`,
  /** Name of the Agent. */
  agent: `${PREFIX}/agent`,
  /** Name of the AgentProvider. */
  provider: `${PREFIX}/provider`,
  /** Number of the attempt, from 1. */
  attempt: `${PREFIX}/attempt`,
} as const;

/** Annotations that people, sources and webhooks set; all values are opaque tokens. */
export const ANNOTATIONS = {
  /** On any kind: a new value makes its reconciler look again. */
  reconcileRequested: `${PREFIX}/reconcile-requested`,
  /** On an ImplementationSource: a new value syncs now, only what changed. */
  syncRequested: `${PREFIX}/sync-requested`,
  /** On an ImplementationSource: a new value compares everything now. */
  fullSyncRequested: `${PREFIX}/full-sync-requested`,
  /** On an ImplementationSource: allows the deletion that `MassDeletion` stopped. */
  massDeletionConfirmed: `${PREFIX}/mass-deletion-confirmed`,
  /** On an ImplementationSpec, written by its source: the version of the issue upstream. */
  upstreamVersion: `${PREFIX}/upstream-version`,
  /** On an ImplementationSpec, written by its source: the state of the issue upstream. */
  upstreamState: `${PREFIX}/upstream-state`,
} as const;

/** Whether `name` is under this project's prefix, which users' labels and annotations may not set on workloads. */
export function isReservedName(name: string): boolean {
  return name === PREFIX || name.startsWith(`${PREFIX}/`);
}
