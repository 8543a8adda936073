import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { schemaFiles, type OpenApiDocument } from '../../hack/chart/openapi-schemas.js';
import { sharedApiServer } from '../support/api-server.js';
import { FULL_VALUES } from './support/full-values.js';
import { CHART, podOf, render, run, template } from './support/helm.js';

const NAMESPACE = 'chart-test';
const OTHER = 'chart-test-other';
const ACCOUNT = `system:serviceaccount:${NAMESPACE}:agents`;
const DOCUMENTS = ['api/v1', 'apis/apps/v1', 'apis/rbac.authorization.k8s.io/v1', 'apis/apiextensions.k8s.io/v1'];
/** Every shape the chart renders; the namespaces it watches exist on the server. */
const VARIANTS: [string, object][] = [
  ['default values', {}],
  ['every option', { ...FULL_VALUES, watchNamespaces: [NAMESPACE, OTHER] }],
  ['every namespace', { watchNamespaces: ['*'] }],
];
const server = sharedApiServer();

beforeAll(async () => {
  for (const name of [NAMESPACE, OTHER]) {
    const labels = {
      'pod-security.kubernetes.io/enforce': 'restricted',
      'pod-security.kubernetes.io/warn': 'restricted',
    };
    await server.client.send('POST', '/api/v1/namespaces', { body: { metadata: { name, labels } } });
  }
  const manifests = (await template({}, { namespace: NAMESPACE })).stdout;
  const { code, stderr } = await server.kubectl(['apply', '--server-side', '-f', '-'], manifests);
  if (code !== 0) throw new Error(stderr);
});

afterAll(async () => server.stop());

describe('kubeconform, with schemas of the API server’s own OpenAPI', () => {
  let version: string;
  let schemas: string;

  beforeAll(async () => {
    const { body } = await server.client.send('GET', '/version');
    version = (body as { gitVersion: string }).gitVersion.slice(1);
    schemas = await mkdtemp(join(tmpdir(), 'kubeconform-'));
    for (const document of DOCUMENTS) {
      const answer = await server.client.send('GET', `/openapi/v3/${document}`);
      for (const { path, schema } of schemaFiles(answer.body as OpenApiDocument, version)) {
        await mkdir(dirname(join(schemas, path)), { recursive: true });
        await writeFile(join(schemas, path), JSON.stringify(schema));
      }
    }
  });

  afterAll(async () => rm(schemas, { recursive: true }));

  const conform = (manifests: string) =>
    run('kubeconform', ['-strict', '-summary', '-kubernetes-version', version, '-schema-location', schemas], manifests);

  it.each(VARIANTS)('finds nothing wrong with what %s render', async (_title, values) => {
    const manifests = await template(values);
    const { code, stdout } = await conform(manifests.stdout);
    expect(stdout).toMatch(/Summary: ([5-9]|1\d) resources .* Invalid: 0, Errors: 0, Skipped: 0/);
    expect(code).toBe(0);
  });

  it('finds nothing wrong with the CRDs', async () => {
    const manifests = await run('helm', ['template', 'agents', CHART, '--include-crds']);
    const { code, stdout } = await conform(manifests.stdout);
    expect({ code, stdout: stdout.trim() }).toEqual({
      code: 0,
      stdout: 'Summary: 11 resources found parsing stdin - Valid: 11, Invalid: 0, Errors: 0, Skipped: 0',
    });
  });

  it.each([
    ['a misspelt key deep inside', 'seccompProfile:', 'seccomp:', 'seccomp'],
    ['a wrong type', 'replicas: 1', 'replicas: one', 'replicas'],
    ['a kind that the server does not have', 'kind: Service\n', 'kind: Servise\n', 'could not find schema for Servise'],
  ])('would find %s', async (_title, right, wrong, complaint) => {
    const { stdout } = await template();
    const outcome = await conform(stdout.replace(right, wrong));
    expect(outcome.code).toBe(1);
    expect(outcome.stdout).toContain(complaint);
  });
});

describe('the API server', () => {
  it.each(VARIANTS)(
    'takes what %s render, by server-side apply as Helm 4 installs, without a warning',
    async (_title, values) => {
      const manifests = await template(values, { namespace: NAMESPACE });
      const apply = ['apply', '--server-side', '--dry-run=server', '--force-conflicts', '--validate=strict', '-f', '-'];
      const { code, stderr } = await server.kubectl(apply, manifests.stdout);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    },
  );

  it('admits the pod under the restricted Pod Security level', async () => {
    const { metadata, spec } = podOf(await render({}, { namespace: NAMESPACE }));
    const body = { metadata: { name: 'jangar', labels: metadata.labels }, spec };
    const path = `/api/v1/namespaces/${NAMESPACE}/pods?dryRun=All`;
    expect(await server.client.send('POST', path, { body })).toMatchObject({ status: 201, warnings: [] });
    const [container] = spec.containers;
    const weaker = {
      ...spec,
      containers: [{ ...container, securityContext: { ...container?.securityContext, capabilities: {} } }],
    };
    expect(await server.client.send('POST', path, { body: { ...body, spec: weaker } })).toMatchObject({ status: 403 });
  });
});

describe('Helm', () => {
  it('installs, upgrades and uninstalls a release, and leaves nothing of it in its namespace', async () => {
    await helm('install', 'agents', CHART);
    expect(await owned()).toHaveLength(5);
    await helm('upgrade', 'agents', CHART, '--values', `${CHART}/values-local.yaml`, '--set', 'replicaCount=2');
    expect(await owned()).toHaveLength(5);
    await helm('uninstall', 'agents');
    expect(await owned()).toEqual([]);
  }, 30_000);
});

describe('the service account of a default release', () => {
  it.each([
    'list agents.proompteng.ai agentruns',
    'patch agents.proompteng.ai agentruns/status',
    'delete agents.proompteng.ai agentruns',
    'create batch jobs',
    'delete batch jobs',
    'watch core pods',
    'create events.k8s.io events',
    'create coordination.k8s.io leases',
    'update coordination.k8s.io leases agents',
  ])('may %s in its namespace, and not in another', async (request) => {
    expect(await may(NAMESPACE, request)).toBe(true);
    expect(await may(OTHER, request)).toBe(false);
  });

  it.each([
    'get core secrets',
    'list core secrets',
    'create core pods',
    'create core pods/exec',
    'update agents.proompteng.ai agents',
    'patch agents.proompteng.ai agentruns',
    'delete agents.proompteng.ai agents',
    'patch batch jobs',
    'update core configmaps',
    'get coordination.k8s.io leases someone-elses',
    'create rbac.authorization.k8s.io rolebindings',
    'impersonate core users',
  ])('may not %s', async (request) => {
    expect(await may(NAMESPACE, request)).toBe(false);
  });
});

/** The API server's own verdict on a request of the release's service account: verb, group, resource and perhaps a name. */
async function may(namespace: string, request: string): Promise<boolean> {
  const [verb, group, path = '', name = ''] = request.replace(' core ', '  ').split(' ');
  const [resource, subresource = ''] = path.split('/');
  const resourceAttributes = { namespace, verb, group, resource, subresource, name };
  const { body } = await server.client.send('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', {
    body: { spec: { user: ACCOUNT, resourceAttributes } },
  });
  return (body as { status: { allowed: boolean } }).status.allowed;
}

async function helm(...args: string[]): Promise<void> {
  const { code, stderr } = await run('helm', [...args, '--namespace', OTHER, '--kubeconfig', server.kubeconfigPath]);
  expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' });
}

/** What Helm has made in the other namespace. */
async function owned(): Promise<string[]> {
  const kinds = 'deployments,services,serviceaccounts,roles,rolebindings';
  const selector = 'app.kubernetes.io/managed-by=Helm';
  const list = ['get', kinds, '--namespace', OTHER, '--selector', selector, '--output', 'name'];
  const { stdout } = await server.kubectl(list);
  return stdout.split('\n').filter((name) => name !== '');
}
