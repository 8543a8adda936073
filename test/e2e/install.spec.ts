import type { KubernetesObject } from '../../src/api/meta/object.js';
import type { AgentRun } from '../../src/api/v1alpha1/agent-run.types.js';
import { type AuditEvent, auditLog, helm, kubectl } from '../support/cluster.js';
import { GitRepository } from '../support/git-repository.js';
import { Installation } from '../support/installation.js';
import { anAgent, anImplementation, aProvider, aRun } from '../support/run-objects.js';

const MINUTES = 60_000;

interface RoleBinding extends KubernetesObject {
  readonly subjects?: readonly { readonly kind: string; readonly name: string; readonly namespace?: string }[];
}

let installation: Installation;
/** Everything in the namespace right after the installation, as `Kind/name`, but for what belongs to something there. */
let installed: string[];
let succeeded: AgentRun;

beforeAll(async () => {
  installation = await Installation.create('install');
  installed = await contents();
  await GitRepository.serve(installation);
  await installation.apply(aProvider('shell'), anAgent('worker'), anImplementation('task', { text: 'Do it.' }));
  await installation.apply(
    aRun('succeeds', 'true', { implementationRef: { name: 'task' } }),
    aRun('fails', 'exit 1', { implementationRef: { name: 'task' } }),
  );
  await Promise.all(['succeeds', 'fails'].map((name) => installation.condition(`agentrun/${name}`, 'Finished')));
  succeeded = await installation.get<AgentRun>('agentrun', 'succeeds');
}, 3 * MINUTES);

afterAll(() => installation.delete(), 3 * MINUTES);

async function contents(): Promise<string[]> {
  const kinds = await kubectl(['api-resources', '--namespaced', '--verbs=list', '--output=name']);
  const shown = kinds.split('\n').filter((kind) => kind !== '' && !kind.startsWith('events'));
  const objects = await installation.list<KubernetesObject>(shown.join(','));
  const roots = objects.filter(({ metadata }) => metadata.ownerReferences === undefined);
  return roots.map(({ kind, metadata }) => `${kind}/${metadata.name}`).toSorted();
}

/** What the Service answers, through the API server: nothing is exposed outside the cluster. */
function read(path: string): Promise<string> {
  return kubectl([
    'get',
    '--raw',
    `/api/v1/namespaces/${installation.namespace}/services/jangar-agents:80/proxy${path}`,
  ]);
}

/** Every request that the control plane ever made. */
async function requests(): Promise<AuditEvent[]> {
  const made = (await auditLog()).filter(({ user }) => user.username === installation.username);
  expect(made.length).toBeGreaterThan(20);
  return made;
}

const show = ({ verb, requestURI, responseStatus }: AuditEvent): string =>
  `${verb} ${requestURI}: ${responseStatus?.code ?? ''}`;

describe('an installation with default values', () => {
  it('is five objects of the chart and nothing else', async () => {
    const manifest = await helm(['get', 'manifest', 'jangar', '--namespace', installation.namespace]);
    const kinds = [...manifest.matchAll(/^kind: (.*)$/gm)].map(([, kind]) => kind);
    expect(kinds.toSorted()).toEqual(['Deployment', 'Role', 'RoleBinding', 'Service', 'ServiceAccount']);
    expect(installed).toEqual([
      'ConfigMap/kube-root-ca.crt',
      'Deployment/jangar-agents',
      'Endpoints/jangar-agents',
      'Lease/jangar-agents',
      'Role/jangar-agents',
      'RoleBinding/jangar-agents',
      'Secret/sh.helm.release.v1.jangar.v1',
      'Service/jangar-agents',
      'ServiceAccount/default',
      'ServiceAccount/jangar-agents',
    ]);
  });

  it('has no right outside its namespace', async () => {
    const answer = await kubectl(['get', 'clusterrolebindings,rolebindings', '--all-namespaces', '--output=json']);
    const { items } = JSON.parse(answer) as { items: RoleBinding[] };
    const bound = items.filter(({ subjects = [] }) =>
      subjects.some(({ name, namespace }) => name === 'jangar-agents' && namespace === installation.namespace),
    );
    expect(bound.map(({ kind, metadata }) => [kind, metadata.namespace])).toEqual([
      ['RoleBinding', installation.namespace],
    ]);
  });

  it('runs as a user of its own on a root file system that it cannot write', async () => {
    const probe = 'id -u; touch /probe /app/probe 2>&1 || true; grep CapEff /proc/1/status';
    const answer = await installation.kubectl(['exec', 'deployment/jangar-agents', '--', 'sh', '-c', probe]);
    expect(answer.split('\n')).toEqual([
      '65532',
      "touch: cannot touch '/probe': Read-only file system",
      "touch: cannot touch '/app/probe': Read-only file system",
      'CapEff:\t0000000000000000',
      '',
    ]);
  });

  it('never was refused a request', async () => {
    expect((await requests()).filter(({ responseStatus }) => responseStatus?.code === 403).map(show)).toEqual([]);
  });

  it('asks for nothing outside its namespace', async () => {
    const { namespace } = installation;
    expect((await requests()).filter(({ objectRef }) => objectRef?.namespace !== namespace).map(show)).toEqual([]);
  });

  it('reads no Secret', async () => {
    expect((await requests()).filter(({ objectRef }) => objectRef?.resource === 'secrets').map(show)).toEqual([]);
  });
});

describe('its HTTP side, through the API server', () => {
  it.each(['/livez', '/readyz', '/healthz'])('answers %s', async (path) => {
    expect(JSON.parse(await read(path))).toMatchObject({ status: 'ok' });
  });

  it('tells who leads', async () => {
    const { details } = JSON.parse(await read('/healthz')) as { details: object };
    expect(details).toMatchObject({ leaderElection: { status: 'up', leading: true } });
  });

  it.each([
    'jangar_reconcile_duration_seconds_count{reconciler="agent-run"}',
    'jangar_reconcile_total{reconciler="agent-run",result="success"}',
    'jangar_workqueue_depth{reconciler="agent-run"}',
    'jangar_workqueue_latency_seconds_count{reconciler="agent-run"}',
    'jangar_leader',
    'jangar_run_stage_duration_seconds_count{stage="submit",runtime="job",provider="shell"}',
    'jangar_run_stage_duration_seconds_count{stage="queue",runtime="job",provider="shell"}',
    'jangar_run_stage_duration_seconds_count{stage="start",runtime="job",provider="shell"}',
    'jangar_run_stage_duration_seconds_count{stage="run",runtime="job",provider="shell"}',
    'jangar_runs_finished_total{outcome="Succeeded",failure_class="none",runtime="job",provider="shell"}',
    'jangar_runs_finished_total{outcome="Failed",failure_class="AgentError",runtime="job",provider="shell"}',
  ])('measures %s', async (series) => {
    const line = (await read('/metrics')).split('\n').find((text) => text.startsWith(`${series} `));
    expect(Number(line?.slice(series.length))).toBeGreaterThanOrEqual(series.includes('depth') ? 0 : 1);
  });
});

describe('its log', () => {
  let lines: Record<string, unknown>[];

  beforeAll(async () => {
    const text = await installation.kubectl(['logs', 'deployment/jangar-agents']);
    const whole = text.split('\n').filter((line) => line !== '');
    lines = whole.map((line) => JSON.parse(line) as Record<string, unknown>);
  });

  it('is JSON lines with a level, a time and a message', () => {
    expect(lines.length).toBeGreaterThan(10);
    const expected = {
      level: expect.any(String) as string,
      time: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      msg: expect.any(String) as string,
    };
    for (const line of lines) expect(line).toMatchObject(expected);
  });

  it('warns of nothing when all is well', () => {
    expect(lines.filter(({ level }) => level !== 'info')).toEqual([]);
  });

  it('marks every line of a pass with the run and its implementation', async () => {
    const task = await installation.get<KubernetesObject>('implementationspec', 'task');
    const ofRun = lines.filter(({ kind, name }) => kind === 'AgentRun' && name === 'succeeds');
    expect(ofRun.length).toBeGreaterThan(0);
    for (const line of ofRun) {
      expect(line).toMatchObject({
        'agentRun.uid': succeeded.metadata.uid,
        'implementationSpec.uid': task.metadata.uid,
        reconcileID: expect.any(String) as string,
      });
    }
  });

  it('has no line for being probed and measured', () => {
    expect(lines.filter((line) => 'req' in line)).toEqual([]);
  });
});
