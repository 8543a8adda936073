import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { valueRows } from '../../hack/chart/readme.js';
import { FULL_VALUES } from './support/full-values.js';
import { CHART, one, podOf, render, run, template, type Manifest } from './support/helm.js';
import { withValue } from './support/schema-rules.js';

describe('a release of charts/agents', () => {
  let defaults: Manifest[];

  beforeAll(async () => {
    defaults = await render();
  });

  it('consists of the minimal control plane and nothing else', () => {
    expect(defaults.map(({ kind }) => kind).toSorted()).toEqual([
      'Deployment',
      'Role',
      'RoleBinding',
      'Service',
      'ServiceAccount',
    ]);
  });

  it.each([
    ['default values', []],
    ['values-local.yaml', ['--values', `${CHART}/values-local.yaml`]],
  ])('passes helm lint --strict with %s', async (_title, values) => {
    const { code, stdout } = await run('helm', ['lint', '--strict', CHART, ...values]);
    expect({ code, failures: stdout.match(/\[(WARNING|ERROR)\].*/g) }).toEqual({ code: 0, failures: null });
  });

  it('keeps to ClusterIP with values-local.yaml', async () => {
    const { code, stdout } = await run('helm', ['template', 'agents', CHART, '--values', `${CHART}/values-local.yaml`]);
    expect(code).toBe(0);
    expect(stdout).toContain('type: ClusterIP');
  });

  it('refuses a Kubernetes older than 1.32, and takes pre-release builds of vendors', async () => {
    const [old, oldest, vendor] = await Promise.all([
      renderOn('1.31.9'),
      renderOn('1.32.0'),
      renderOn('1.34.1-eks-1234567'),
    ]);
    expect(old.stderr).toContain('kubeVersion: >=1.32.0-0');
    expect([old.code, oldest.code, vendor.code]).toEqual([1, 0, 0]);
  });

  it('shares no object, selector or Lease with another release in its namespace', async () => {
    const names = ['agents', 'blue', 'blue-agents', 'green.agents'];
    const releases = await Promise.all(names.map((name) => render({}, { name })));
    const objects = releases.flatMap((manifests) => manifests.map(({ kind, metadata }) => `${kind}/${metadata.name}`));
    expect(new Set(objects).size).toBe(objects.length);
    const selectors = releases.map((manifests) => JSON.stringify(one(manifests, 'Service').spec?.selector));
    expect(new Set(selectors).size).toBe(names.length);
    const leases = releases.map(
      (manifests) => podOf(manifests).container.env?.find(({ name }) => name === 'JANGAR_LEASE_NAME')?.value,
    );
    expect(new Set(leases).size).toBe(names.length);
  });

  it('shares no object outside its namespace with a release of the same name elsewhere', async () => {
    const watchNamespaces = ['team-a'];
    const long = 'n'.repeat(62);
    const releases = await Promise.all(
      ['one', 'two', `${long}1`, `${long}2`].map((namespace) => render({ watchNamespaces }, { namespace })),
    );
    const objects = releases.flatMap((manifests) => manifests.map(identity)).filter((name) => name.includes('team-a'));
    expect(objects).toHaveLength(8);
    expect(new Set(objects).size).toBe(8);
    const everywhere = await Promise.all(
      ['one', 'two'].map((namespace) => render({ watchNamespaces: ['*'] }, { namespace })),
    );
    const clusterWide = everywhere.flatMap((manifests) =>
      manifests.filter(({ kind }) => kind.startsWith('Cluster')).map(identity),
    );
    expect(new Set(clusterWide).size).toBe(4);
    // Joined with a dash, both would be `a-b-agents`.
    const joined = await Promise.all(
      [
        { name: 'b', namespace: 'a' },
        { name: 'agents', namespace: 'a-b' },
      ].map((release) => render({ watchNamespaces: ['*'] }, release)),
    );
    const roles = joined.flatMap((manifests) => manifests.filter(({ kind }) => kind === 'ClusterRole').map(identity));
    expect(new Set(roles).size).toBe(2);
  });

  it('refuses a release name that a Service cannot have, and says what to do', async () => {
    const refused = await run('helm', ['template', '1st', CHART]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('choose another name or set fullnameOverride');
    expect((await run('helm', ['template', '1st', CHART, '--set', 'fullnameOverride=first'])).code).toBe(0);
  });

  it.each([[[]], [['team-a', 'x'.repeat(63)]], [['*']]])(
    'keeps names and label values within 63 characters with long names, watching %j',
    async (watchNamespaces) => {
      const manifests = await render({ watchNamespaces }, { name: 'r'.repeat(53), namespace: 'n'.repeat(63) });
      const names = manifests.flatMap(({ metadata }) => [metadata.name, ...Object.values(metadata.labels ?? {})]);
      const labels = Object.values(podOf(manifests).metadata.labels ?? {});
      expect(
        [...names, ...labels].filter(
          (name) => name.length > 63 || !/^[a-z0-9A-Z]([-a-zA-Z0-9_.]*[a-z0-9A-Z])?$/.test(name),
        ),
      ).toEqual([]);
    },
  );

  it('names everything in its namespace with fullnameOverride', async () => {
    const manifests = await render({ fullnameOverride: 'control-plane' });
    expect(new Set(manifests.map(({ metadata }) => metadata.name))).toEqual(new Set(['control-plane']));
  });

  it('has no value without an effect', async () => {
    const keys = valueRows(await readFile(`${CHART}/values.yaml`, 'utf8')).map(({ key }) => key);
    const shown = async (values: object): Promise<string> => JSON.stringify(await render(values));
    const withoutEffect = await Promise.all(
      keys.map(async (key) => {
        const base = key.startsWith('artifactStore.') ? STORE : {};
        return (await shown(withValue(base, key.split('.'), otherValue(key)) as object)) === (await shown(base));
      }),
    );
    expect(keys.filter((_key, index) => withoutEffect[index])).toEqual([]);
  });

  it('says how to reach it after the installation', async () => {
    const notes = await run('helm', [
      'install',
      'agents',
      CHART,
      '--namespace',
      'jangar',
      '--dry-run=client',
      '--set',
      'service.port=8081',
    ]);
    expect(notes.stdout).toContain('kubectl --namespace jangar port-forward service/agents 8080:8081');
  });

  it('works as a dependency of another chart', async () => {
    const parent = await mkdtemp(join(tmpdir(), 'parent-chart-'));
    try {
      await writeFile(join(parent, 'Chart.yaml'), 'apiVersion: v2\nname: platform\nversion: 1.0.0\n');
      await cp(CHART, join(parent, 'charts', 'agents'), { recursive: true });
      const { code, stderr } = await template(
        { global: { team: 'a' }, agents: { replicaCount: 2 } },
        { chart: parent },
      );
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    } finally {
      await rm(parent, { recursive: true });
    }
  });
});

function renderOn(kubernetesVersion: string) {
  return run('helm', ['template', CHART, '--kube-version', kubernetesVersion]);
}

function identity({ kind, metadata }: Manifest): string {
  return `${kind}/${metadata.namespace ?? ''}/${metadata.name}`;
}

/** A value of the option that is not its default. */
function otherValue(key: string): unknown {
  const steps = key.split('.');
  const value =
    OPPOSITE[key] ?? steps.reduce<unknown>((node, step) => (node as Record<string, unknown>)[step], FULL_VALUES);
  if (value === undefined) throw new Error(`${key} has no other value in FULL_VALUES`);
  return value;
}

/** The least that makes a store of artifacts: no option of it stands alone. */
const STORE = { artifactStore: { endpoint: 'https://s3.example.com', bucket: 'one', secretName: 'one' } };

/** Switches that FULL_VALUES leaves on, as it would otherwise lose what depends on them. */
const OPPOSITE: Record<string, unknown> = { 'rbac.create': false, 'serviceAccount.create': false };
