import { leafKey, taggedLeaves, type Leaf } from '../../test/support/field-tags.js';

/** Fields that have no effect yet, and the part of the plan that gives them one and takes them off this list. */
export interface Debt {
  readonly part: number;
  /** What will give them their effect, for the tables of the documentation. */
  readonly what: string;
  /** As a tag has them: a kind and its paths. */
  readonly fields: readonly string[];
}

const CONDITIONS = 'status.conditions.{type,status,reason,message,lastTransitionTime,observedGeneration}';

/** A field that stands here and is tagged by a test is an error: it has its effect. */
export const OWED: readonly Debt[] = [
  {
    part: 4,
    what: 'the runtimes Argo, Temporal and custom',
    fields: [
      'Agent spec.runtime.argo.{entrypoint,executorServiceAccountName,workflowTemplateRef.name,workflowTemplateRef.clusterScope}',
      'Agent spec.runtime.argo.arguments.{name,value}',
      'Agent spec.runtime.temporal.{address,namespace,taskQueue,workflowType,tlsSecretRef.name,apiKeySecretRef.name,apiKeySecretRef.key}',
      'Agent spec.runtime.custom.{endpoint,authSecretRef.name,authSecretRef.key}',
      'AgentRun spec.runtimeOverrides.argo.{entrypoint,executorServiceAccountName,workflowTemplateRef.name,workflowTemplateRef.clusterScope}',
      'AgentRun spec.runtimeOverrides.argo.arguments.{name,value}',
      'AgentRun spec.runtimeOverrides.temporal.{namespace,taskQueue,workflowType,memo} spec.runtimeOverrides.custom.payload',
      'AgentRun status.runtimeRef.{runID,url} status.attempts.runtimeRef.{runID,url}',
    ],
  },
  {
    part: 5,
    what: 'the connection of a Memory',
    fields: [
      'Memory spec.connection.secretRef.{name,key} spec.healthCheck.{enabled,intervalSeconds}',
      `Memory status.{capabilities,serverVersion,lastCheckedAt,observedGeneration} ${CONDITIONS}`,
    ],
  },
  {
    part: 6,
    what: 'the sync from a tracker',
    fields: [
      `ImplementationSpec status.{syncedAt,sourceVersion,contentHash,observedGeneration} ${CONDITIONS}`,
      'ImplementationSource spec.{provider,baseUrl,deletionPolicy,suspend} spec.auth.secretRef.{name,key}',
      'ImplementationSource spec.scope.{repository,organization,team,project,labels,states,query}',
      'ImplementationSource spec.poll.{enabled,intervalSeconds,fullSyncIntervalSeconds}',
      'ImplementationSource spec.webhook.{enabled,secretRefs.name,secretRefs.key}',
      `ImplementationSource status.{cursor,lastSyncedAt,issueCount,rateLimitedUntil,observedGeneration} ${CONDITIONS}`,
    ],
  },
];

const byLeaf = new Map(
  OWED.flatMap((debt) =>
    debt.fields.flatMap((field) => taggedLeaves(`[${field}]`)).map((leaf) => [leafKey(leaf), debt]),
  ),
);

/** The debt that a field belongs to; undefined when it must have an effect. */
export function owedBy(leaf: Leaf): Debt | undefined {
  return byLeaf.get(leafKey(leaf));
}

/** `<kind> <path>` of every field of the list. */
export function owedFields(): string[] {
  return [...byLeaf.keys()];
}
