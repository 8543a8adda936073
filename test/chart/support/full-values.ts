/** A values document that sets every option of the chart to something else than its default. */
export const FULL_VALUES = {
  image: {
    repository: 'registry.example.com:5000/team/jangar',
    tag: '1.2.3',
    digest: `sha256:${'a'.repeat(64)}`,
    pullPolicy: 'Always',
  },
  imagePullSecrets: ['registry'],
  replicaCount: 3,
  agentRunner: {
    image: { repository: 'registry.example.com/team/runner', tag: '4.5.6', digest: `sha256:${'b'.repeat(64)}` },
  },
  watchNamespaces: ['team-a', 'team-b'],
  runDefaults: {
    timeoutSeconds: 1_000_000,
    retryLimit: 7,
    retryBackoffSeconds: 30,
    ttlSecondsAfterFinished: 1_000_000,
  },
  admission: { maxRuns: 50, maxRunsPerNamespace: 20, maxRunsPerAgent: 8, pauseProbeSeconds: 120 },
  artifactStore: {
    endpoint: 'https://s3.example.com:9000',
    bucket: 'artifacts',
    region: 'eu-central-1',
    prefix: 'clusters/one',
    keyTemplate: '{{ run.uid }}/{{ attempt }}/{{ artifact.key }}',
    secretName: 'artifact-store',
    forcePathStyle: false,
  },
  logLevel: 'debug',
  shutdownGraceSeconds: 40,
  service: { type: 'NodePort', port: 8081 },
  rbac: { create: true },
  serviceAccount: { create: true, name: 'runs-things', annotations: { 'example.com/role': 'operator' } },
  env: [
    { name: 'JANGAR_RESYNC_SECONDS', value: '300' },
    { name: 'EMPTY', value: '' },
    { name: 'PROXY', valueFrom: { secretKeyRef: { name: 'proxy', key: 'url', optional: true } } },
    { name: 'REGION', valueFrom: { configMapKeyRef: { name: 'site', key: 'region' } } },
    { name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
    { name: 'MEMORY', valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } } },
  ],
  envFromSecretRefs: ['extra', 'more.extra'],
  resources: { requests: { cpu: 1, memory: '1Gi' }, limits: { cpu: '1500m', memory: '2Gi' } },
  podAnnotations: { 'example.com/scrape': 'true' },
  podLabels: { team: 'platform', 'app.kubernetes.io/version': 'canary' },
  nodeSelector: { 'kubernetes.io/os': 'linux' },
  tolerations: [
    { key: 'dedicated', operator: 'Equal', value: 'agents', effect: 'NoExecute', tolerationSeconds: 1_000_000 },
    { operator: 'Exists' },
  ],
  affinity: {
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        {
          weight: 100,
          podAffinityTerm: {
            topologyKey: 'kubernetes.io/hostname',
            labelSelector: { matchLabels: { 'app.kubernetes.io/name': 'agents' } },
          },
        },
      ],
    },
  },
  fullnameOverride: 'control-plane',
};
