import { readConfig } from '../../src/modules/config/config.reader.js';
import { CONFIG_VARIABLES } from '../../src/modules/config/config.variables.js';
import { FULL_VALUES } from './support/full-values.js';
import { one, podOf, render, template, type Manifest } from './support/helm.js';

const DIGEST = `sha256:${'a'.repeat(64)}`;

describe('the control plane’s pod', () => {
  let defaults: Manifest[];
  let full: Manifest[];

  beforeAll(async () => {
    [defaults, full] = await Promise.all([render(), render(FULL_VALUES)]);
  });

  it('runs the image of the chart’s appVersion unless the values say otherwise', () => {
    expect(podOf(defaults).container).toMatchObject({
      image: 'ghcr.io/proompteng/jangar:0.3.0-dev',
      imagePullPolicy: 'IfNotPresent',
    });
    expect(variable(defaults, 'JANGAR_RUNNER_IMAGE')).toBe('ghcr.io/proompteng/agent-runner:0.3.0-dev');
  });

  it.each([
    ['a tag wins over the appVersion', { tag: '9.9.9' }, 'example.com/x:9.9.9'],
    ['a digest is enough', { digest: DIGEST }, `example.com/x@${DIGEST}`],
    ['a digest wins over a tag', { tag: '9.9.9', digest: DIGEST }, `example.com/x@${DIGEST}`],
  ])('%s', async (_title, values, expected) => {
    const image = { repository: 'example.com/x', ...values };
    const manifests = await render({ image, agentRunner: { image } });
    expect(podOf(manifests).container.image).toBe(expected);
    expect(variable(manifests, 'JANGAR_RUNNER_IMAGE')).toBe(expected);
  });

  it.each([0, 1, 3])('has as many replicas as asked for: %d', async (replicaCount) => {
    expect(one(await render({ replicaCount }), 'Deployment').spec?.replicas).toBe(replicaCount);
  });

  it('meets the restricted Pod Security level with a read-only root, and its container cannot gain anything', () => {
    for (const manifests of [defaults, full]) {
      const { spec, container } = podOf(manifests);
      expect(spec.securityContext).toEqual({
        runAsNonRoot: true,
        runAsUser: 65532,
        runAsGroup: 65532,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect(spec).not.toHaveProperty('hostNetwork');
      expect(spec).not.toHaveProperty('volumes');
    }
  });

  it('asks the process itself for life and readiness, at the port it listens on', () => {
    const { container } = podOf(defaults);
    expect(container.startupProbe?.httpGet).toEqual({ path: '/livez', port: 'http' });
    expect(container.livenessProbe?.httpGet).toEqual({ path: '/livez', port: 'http' });
    expect(container.readinessProbe?.httpGet).toEqual({ path: '/readyz', port: 'http' });
    expect(container.ports).toEqual([{ name: 'http', containerPort: 8080, protocol: 'TCP' }]);
    expect(variable(defaults, 'JANGAR_HTTP_PORT')).toBe('8080');
    expect(one(defaults, 'Service').spec?.ports).toEqual([
      { name: 'http', port: 80, targetPort: 'http', protocol: 'TCP' },
    ]);
  });

  it('is killed only after the graceful stop had its time', () => {
    expect(podOf(defaults).spec.terminationGracePeriodSeconds).toBe(40);
    expect(podOf(full).spec.terminationGracePeriodSeconds).toBe(60);
    expect(variable(full, 'JANGAR_SHUTDOWN_GRACE_SECONDS')).toBe('40');
  });

  it('gives the process a configuration it accepts, by the defaults and by every option', () => {
    expect(configOf(defaults)).toMatchObject({
      http: { port: 8080 },
      log: { level: 'info' },
      kubernetes: { namespace: 'jangar', watchNamespaces: 'own' },
      leaderElection: { leaseName: 'agents', identity: FIELDS['metadata.name'] },
      manager: { shutdownGraceSeconds: 20 },
      runs: { timeoutSeconds: 3600, retryLimit: 2, retryBackoffSeconds: 10, ttlSecondsAfterFinished: 604_800 },
      admission: { maxRuns: 100, maxRunsPerNamespace: 10, maxRunsPerAgent: 5, pauseProbeSeconds: 60 },
    });
    expect(configOf(full)).toMatchObject({
      log: { level: 'debug' },
      kubernetes: { watchNamespaces: ['team-a', 'team-b'] },
      leaderElection: { leaseName: 'control-plane' },
      manager: { resyncSeconds: 300 },
      runs: {
        runnerImage: `registry.example.com/team/runner@sha256:${'b'.repeat(64)}`,
        ...FULL_VALUES.runDefaults,
      },
      admission: FULL_VALUES.admission,
      artifactStore: FULL_VALUES.artifactStore,
    });
    expect(configOf(defaults)).not.toHaveProperty('artifactStore');
  });

  it('leaves the key template of the store to the process when the values have none', async () => {
    const manifests = await render({ artifactStore: { ...FULL_VALUES.artifactStore, keyTemplate: '' } });
    expect(configOf(manifests).artifactStore?.keyTemplate).toContain('{{ artifact.key }}');
  });

  it.each(['bucket', 'secretName'])('refuses a store of artifacts without its %s', async (key) => {
    const { code, stderr } = await template({ artifactStore: { ...FULL_VALUES.artifactStore, [key]: '' } });
    expect(code).not.toBe(0);
    expect(stderr).toContain(`artifactStore.${key} is required with artifactStore.endpoint`);
  });

  it('sets only variables that the process reads', () => {
    const known = new Set(CONFIG_VARIABLES.map(({ name }) => name));
    const own = (podOf(defaults).container.env ?? []).map(({ name }) => name);
    expect(own.filter((name) => !known.has(name))).toEqual([]);
  });

  it('gives the container every variable and every Secret of the values, unchanged', () => {
    const { env, envFrom } = podOf(full).container;
    expect(env).toEqual(expect.arrayContaining(FULL_VALUES.env));
    expect(envFrom).toEqual([{ secretRef: { name: 'extra' } }, { secretRef: { name: 'more.extra' } }]);
  });

  it.each([
    [
      'a name of the chart’s own',
      [{ name: 'JANGAR_LEASE_NAME', value: 'x' }],
      'env: JANGAR_LEASE_NAME is set by the chart',
    ],
    [
      'a name twice',
      [
        { name: 'A', value: '1' },
        { name: 'A', value: '2' },
      ],
      'env: A is there twice',
    ],
  ])('refuses %s in env', async (_title, env, message) => {
    const { code, stderr } = await template({ env });
    expect(code).not.toBe(0);
    expect(stderr).toContain(message);
  });

  it('has the scheduling, labels and annotations of the values beside its own', () => {
    const { metadata, spec, container } = podOf(full);
    expect(metadata.annotations).toEqual(FULL_VALUES.podAnnotations);
    expect(metadata.labels).toMatchObject({ ...FULL_VALUES.podLabels, 'app.kubernetes.io/name': 'agents' });
    expect(spec.nodeSelector).toEqual(FULL_VALUES.nodeSelector);
    expect(spec.tolerations).toEqual(FULL_VALUES.tolerations);
    expect(spec.affinity).toEqual(FULL_VALUES.affinity);
    expect(spec.imagePullSecrets).toEqual([{ name: 'registry' }]);
    expect(container.resources).toEqual(FULL_VALUES.resources);
  });

  it('carries the labels that the Deployment and the Service select', () => {
    for (const manifests of [defaults, full]) {
      const { labels } = podOf(manifests).metadata;
      expect(labels).toMatchObject(one(manifests, 'Deployment').spec!.selector.matchLabels!);
      expect(labels).toMatchObject(one(manifests, 'Service').spec!.selector!);
    }
  });
});

function variable(manifests: readonly Manifest[], name: string): string | undefined {
  return podOf(manifests).container.env?.find((entry) => entry.name === name)?.value;
}

const FIELDS: Record<string, string> = { 'metadata.namespace': 'jangar', 'metadata.name': 'agents-6d4cf56db6-x2x9p' };

/** What the process makes of the container's environment. */
function configOf(manifests: readonly Manifest[]) {
  const env = Object.fromEntries(
    (podOf(manifests).container.env ?? []).map(({ name, value, valueFrom }) => [
      name,
      value ?? FIELDS[valueFrom?.fieldRef?.fieldPath ?? ''],
    ]),
  );
  return readConfig({ env, serviceAccountNamespace: notAsked, hostname: notAsked });
}

function notAsked(): never {
  throw new Error('read from the process’s surroundings instead of its environment');
}
