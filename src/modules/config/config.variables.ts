/** One setting: an environment variable and its place in the Config tree. The reference in docs is made from these. */
export interface ConfigVariable {
  readonly name: string;
  /** Place in the tree, with dots. */
  readonly path: string;
  readonly kind: 'integer' | 'text' | 'namespaces' | 'boolean';
  /** Used when the variable is absent or empty; without it and without a fallback the variable is required. */
  readonly default?: string;
  /** Variables that are read instead when this one is absent or empty, in order. */
  readonly fallback?: readonly string[];
  /** Where the value comes from after that, for people. */
  readonly otherwise?: string;
  /** What goes without it, for people: the variable, and those that need it, may be left out together. */
  readonly optional?: string;
  /** The variable without which this one is neither required nor allowed. */
  readonly needs?: string;
  readonly description: string;
}

const STORE = 'JANGAR_ARTIFACT_STORE_ENDPOINT';

/** Every setting. The names avoid `<SERVICE>_PORT`, which Kubernetes sets itself in pods beside a Service called jangar. */
export const CONFIG_VARIABLES: readonly ConfigVariable[] = [
  {
    name: 'JANGAR_HTTP_PORT',
    path: 'http.port',
    kind: 'integer',
    default: '8080',
    description: 'Port of probes and metrics.',
  },
  {
    name: 'JANGAR_LOG_LEVEL',
    path: 'log.level',
    kind: 'text',
    default: 'info',
    description: 'Lowest level that is logged: trace, debug, info, warn, error or fatal.',
  },
  {
    name: 'JANGAR_NAMESPACE',
    path: 'kubernetes.namespace',
    kind: 'text',
    fallback: ['POD_NAMESPACE'],
    otherwise: 'the namespace of the service account',
    description: 'Namespace this process belongs to; its Lease is there.',
  },
  {
    name: 'JANGAR_WATCH_NAMESPACES',
    path: 'kubernetes.watchNamespaces',
    kind: 'namespaces',
    default: '',
    description:
      'Namespaces whose objects are reconciled: empty for its own, names separated by commas, or `*` for all.',
  },
  {
    name: 'JANGAR_LEASE_NAME',
    path: 'leaderElection.leaseName',
    kind: 'text',
    default: 'jangar',
    description: 'Name of the Lease that the replicas of one installation share.',
  },
  {
    name: 'JANGAR_IDENTITY',
    path: 'leaderElection.identity',
    kind: 'text',
    fallback: ['POD_NAME'],
    otherwise: 'the host name',
    description: 'Name under which this process holds the Lease; a random part is added.',
  },
  {
    name: 'JANGAR_RESYNC_SECONDS',
    path: 'manager.resyncSeconds',
    kind: 'integer',
    default: '600',
    description: 'Every object is looked at again once in this time, even without an event.',
  },
  {
    name: 'JANGAR_BACKOFF_INITIAL_MS',
    path: 'manager.backOff.initialMs',
    kind: 'integer',
    default: '500',
    description: 'Wait after the first failure of an object, in milliseconds; it doubles with each further one.',
  },
  {
    name: 'JANGAR_BACKOFF_MAX_MS',
    path: 'manager.backOff.maxMs',
    kind: 'integer',
    default: '300000',
    description: 'Longest wait between failures of an object, in milliseconds.',
  },
  {
    name: 'JANGAR_RECONCILE_CONCURRENCY',
    path: 'manager.concurrency',
    kind: 'integer',
    default: '4',
    description: 'Objects of one kind that are reconciled at the same time.',
  },
  {
    name: 'JANGAR_RECONCILE_TIMEOUT_SECONDS',
    path: 'manager.passTimeoutSeconds',
    kind: 'integer',
    default: '60',
    description: 'A pass over one object is aborted after this time and tried again.',
  },
  {
    name: 'JANGAR_SHUTDOWN_GRACE_SECONDS',
    path: 'manager.shutdownGraceSeconds',
    kind: 'integer',
    default: '20',
    description: 'Time that running passes have to finish at shutdown; keep it below the grace period of the pod.',
  },
  {
    name: 'JANGAR_RUNNER_IMAGE',
    path: 'runs.runnerImage',
    kind: 'text',
    description: 'Image that holds agent-runner and git.',
  },
  {
    name: 'JANGAR_DEFAULT_IMAGE',
    path: 'runs.defaultImage',
    kind: 'text',
    fallback: ['JANGAR_RUNNER_IMAGE'],
    description: 'Image of the agent when neither the run nor its provider names one.',
  },
  {
    name: 'JANGAR_CHECKOUT_IMAGE',
    path: 'runs.checkoutImage',
    kind: 'text',
    fallback: ['JANGAR_RUNNER_IMAGE'],
    description: 'Image of the checkout step when the run names none.',
  },
  {
    name: 'JANGAR_RUN_TIMEOUT_SECONDS',
    path: 'runs.timeoutSeconds',
    kind: 'integer',
    default: '3600',
    description: 'Time that one attempt of a run may take.',
  },
  {
    name: 'JANGAR_RUN_RETRY_LIMIT',
    path: 'runs.retryLimit',
    kind: 'integer',
    default: '2',
    description: 'How often a failed attempt is repeated; which failures are is decided by their class.',
  },
  {
    name: 'JANGAR_RUN_RETRY_BACKOFF_SECONDS',
    path: 'runs.retryBackoffSeconds',
    kind: 'integer',
    default: '10',
    description: 'Wait before the first repetition of a run; it doubles with each further one.',
  },
  {
    name: 'JANGAR_RUN_TTL_SECONDS',
    path: 'runs.ttlSecondsAfterFinished',
    kind: 'integer',
    default: '604800',
    description: 'How long a finished run is kept; 0 deletes it once its result is stored.',
  },
  {
    name: 'JANGAR_MAX_CONCURRENT_RUNS',
    path: 'admission.maxRuns',
    kind: 'integer',
    default: '100',
    description: 'Runs that may hold a slot at the same time, in all namespaces together.',
  },
  {
    name: 'JANGAR_MAX_CONCURRENT_RUNS_PER_NAMESPACE',
    path: 'admission.maxRunsPerNamespace',
    kind: 'integer',
    default: '10',
    description: 'Runs of one namespace that may hold a slot at the same time.',
  },
  {
    name: 'JANGAR_MAX_CONCURRENT_RUNS_PER_AGENT',
    path: 'admission.maxRunsPerAgent',
    kind: 'integer',
    default: '5',
    description: 'Runs of one Agent that may hold a slot at the same time, when it does not say itself.',
  },
  {
    name: 'JANGAR_PAUSE_PROBE_SECONDS',
    path: 'admission.pauseProbeSeconds',
    kind: 'integer',
    default: '60',
    description:
      'Wait before one run of a paused Agent tries its service again; it doubles with each one that fails, to 30 minutes.',
  },
  {
    name: 'JANGAR_ARTIFACT_STORE_ENDPOINT',
    path: 'artifactStore.endpoint',
    kind: 'text',
    optional: 'no upload',
    description: 'URL of the S3-compatible store that artifacts are uploaded to.',
  },
  {
    name: 'JANGAR_ARTIFACT_STORE_BUCKET',
    path: 'artifactStore.bucket',
    kind: 'text',
    needs: STORE,
    description: 'Bucket of the artifacts.',
  },
  {
    name: 'JANGAR_ARTIFACT_STORE_REGION',
    path: 'artifactStore.region',
    kind: 'text',
    needs: STORE,
    default: 'us-east-1',
    description: 'Region that requests to the store are signed for.',
  },
  {
    name: 'JANGAR_ARTIFACT_STORE_PREFIX',
    path: 'artifactStore.prefix',
    kind: 'text',
    needs: STORE,
    default: '',
    description: 'What every key begins with, without a slash at either end.',
  },
  {
    name: 'JANGAR_ARTIFACT_STORE_KEY_TEMPLATE',
    path: 'artifactStore.keyTemplate',
    kind: 'text',
    needs: STORE,
    default: '{{ run.namespace }}/{{ run.name }}/{{ run.uid }}/{{ attempt }}/{{ artifact.key }}',
    description: 'Template of the key of an artifact, after the prefix.',
  },
  {
    name: 'JANGAR_ARTIFACT_STORE_SECRET_NAME',
    path: 'artifactStore.secretName',
    kind: 'text',
    needs: STORE,
    description: 'Secret in the namespace of each run with the keys `accessKeyId` and `secretAccessKey`.',
  },
  {
    name: 'JANGAR_ARTIFACT_STORE_FORCE_PATH_STYLE',
    path: 'artifactStore.forcePathStyle',
    kind: 'boolean',
    needs: STORE,
    default: 'true',
    description: 'Whether the bucket stands in the path of a URL (true) or in its host name (false).',
  },
];
