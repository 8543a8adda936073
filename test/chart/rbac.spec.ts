import type { V1PolicyRule } from '@kubernetes/client-node';
import { ofKind, one, podOf, render, type Manifest } from './support/helm.js';

describe('the rights of the control plane', () => {
  let defaults: Manifest[];
  let listed: Manifest[];
  let everywhere: Manifest[];

  beforeAll(async () => {
    [defaults, listed, everywhere] = await Promise.all([
      render(),
      render({ watchNamespaces: ['team-a', 'team-b'] }),
      render({ watchNamespaces: ['*'] }),
    ]);
  });

  it('are exactly these in the release’s namespace', () => {
    expect(rights(one(defaults, 'Role').rules ?? [])).toEqual(EXPECTED);
  });

  it('have no wildcard and do not reach Secrets, however many namespaces are watched', () => {
    for (const manifests of [defaults, listed, everywhere]) {
      const rules = [...ofKind(manifests, 'Role'), ...ofKind(manifests, 'ClusterRole')].flatMap(
        (role) => role.rules ?? [],
      );
      const words = rules.flatMap((rule) => [...(rule.apiGroups ?? []), ...(rule.resources ?? []), ...rule.verbs]);
      expect(words.length).toBeGreaterThan(0);
      expect(words.filter((word) => word.includes('*') || word.includes('secret'))).toEqual([]);
      expect(rules.some((rule) => rule.nonResourceURLs)).toBe(false);
    }
  });

  it('are cluster-wide only when every namespace is asked for', () => {
    expect(clusterKinds(defaults)).toEqual([]);
    expect(clusterKinds(listed)).toEqual([]);
    expect(clusterKinds(everywhere)).toEqual(['ClusterRole', 'ClusterRoleBinding']);
  });

  it('are given in each listed namespace, and in the own one only for the Lease', () => {
    const roles = ofKind(listed, 'Role');
    expect(roles.map(({ metadata }) => metadata.namespace)).toEqual(['jangar', 'team-a', 'team-b']);
    expect(rights(roles[0]?.rules ?? [])).toEqual(LEASE);
    for (const role of roles.slice(1)) expect(rights(role.rules ?? [])).toEqual(RECONCILE);
  });

  it('are not given twice where the own namespace is in the list', async () => {
    const roles = ofKind(await render({ watchNamespaces: ['jangar', 'team-a'] }), 'Role');
    expect(roles.map(({ metadata }) => metadata.namespace)).toEqual(['jangar', 'team-a']);
    expect(rights(roles[0]?.rules ?? [])).toEqual(EXPECTED);
  });

  it('are the same cluster-wide as in one namespace, but for the Lease', () => {
    expect(rights(one(everywhere, 'ClusterRole').rules ?? [])).toEqual(RECONCILE);
    expect(rights(one(everywhere, 'Role').rules ?? [])).toEqual(LEASE);
  });

  it('are bound to the pod’s own service account', () => {
    for (const manifests of [defaults, listed, everywhere]) {
      const account = one(manifests, 'ServiceAccount').metadata;
      expect(podOf(manifests).spec.serviceAccountName).toBe(account.name);
      for (const binding of [...ofKind(manifests, 'RoleBinding'), ...ofKind(manifests, 'ClusterRoleBinding')]) {
        expect(binding.subjects).toEqual([{ kind: 'ServiceAccount', name: account.name, namespace: 'jangar' }]);
        expect(manifests.map(identity)).toContain(
          `${binding.roleRef.kind}/${binding.metadata.namespace ?? ''}/${binding.roleRef.name}`,
        );
      }
    }
  });

  it('need the token in the pod, and in no other pod of the account', () => {
    expect(podOf(defaults).spec.automountServiceAccountToken).toBe(true);
    expect(one(defaults, 'ServiceAccount').automountServiceAccountToken).toBe(false);
  });

  it('name the Lease that the process uses', () => {
    const rule = one(defaults, 'Role').rules?.find(({ resourceNames }) => resourceNames);
    const lease = podOf(defaults).container.env?.find(({ name }) => name === 'JANGAR_LEASE_NAME');
    expect(rule?.resourceNames).toEqual([lease?.value]);
  });

  it.each([
    [
      'rbac.create false leaves Roles and bindings out',
      { rbac: { create: false } },
      ['Deployment', 'Service', 'ServiceAccount'],
    ],
    [
      'serviceAccount.create false leaves the account out',
      { serviceAccount: { create: false } },
      ['Deployment', 'Role', 'RoleBinding', 'Service'],
    ],
  ])('%s', async (_title, values, kinds) => {
    expect((await render(values)).map(({ kind }) => kind).toSorted()).toEqual(kinds);
  });

  it.each([
    [{ create: true }, 'agents'],
    [{ create: true, name: 'mine' }, 'mine'],
    [{ create: false }, 'default'],
    [{ create: false, name: 'mine' }, 'mine'],
  ])('go to the account that %j names: %s', async (serviceAccount, name) => {
    const manifests = await render({ serviceAccount });
    expect(podOf(manifests).spec.serviceAccountName).toBe(name);
    expect(one(manifests, 'RoleBinding').subjects?.[0]?.name).toBe(name);
  });
});

const RECONCILE = [
  'agents.proompteng.ai/agentproviders/status: patch',
  'agents.proompteng.ai/agentproviders: get list watch',
  'agents.proompteng.ai/agentruns/status: patch',
  'agents.proompteng.ai/agentruns: delete get list watch',
  'agents.proompteng.ai/agents/status: patch',
  'agents.proompteng.ai/agents: get list watch',
  'agents.proompteng.ai/implementationspecs: get list watch',
  'agents.proompteng.ai/memories: get list watch',
  'batch/jobs: create delete get list watch',
  'configmaps: create get',
  'events.k8s.io/events: create patch',
  'pods: get list watch',
];
const LEASE = ['coordination.k8s.io/leases agents: get update', 'coordination.k8s.io/leases: create'];
const EXPECTED = [...RECONCILE, ...LEASE].toSorted();

/** One line per resource: what may be done with it. */
function rights(rules: readonly V1PolicyRule[]): string[] {
  const verbs = new Map<string, Set<string>>();
  for (const { apiGroups = [], resources = [], resourceNames, verbs: allowed } of rules) {
    for (const name of apiGroups.flatMap((group) =>
      resources.map((resource) => (group ? `${group}/${resource}` : resource)),
    )) {
      const key = resourceNames ? `${name} ${resourceNames.join(',')}` : name;
      verbs.set(key, new Set([...(verbs.get(key) ?? []), ...allowed]));
    }
  }
  return [...verbs].map(([name, allowed]) => `${name}: ${[...allowed].toSorted().join(' ')}`).toSorted();
}

function clusterKinds(manifests: readonly Manifest[]): string[] {
  return manifests
    .map(({ kind }) => kind)
    .filter((kind) => kind.startsWith('Cluster'))
    .toSorted();
}

function identity({ kind, metadata }: Manifest): string {
  return `${kind}/${metadata.namespace ?? ''}/${metadata.name}`;
}
