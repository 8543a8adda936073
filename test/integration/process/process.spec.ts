import { AGENT_PROVIDERS, AGENT_RUNS, AGENTS } from '../../../src/modules/kubernetes/resource.js';
import { sharedApiServer } from '../../support/api-server.js';
import { buildControlPlane, ControlPlane } from '../../support/control-plane.js';
import { eventually } from '../../support/eventually.js';
import { kubernetesStack } from '../../support/kubernetes-stack.js';
import { StatusWatch } from '../../support/reconcile-watch.js';

const NAMESPACE = 'process';
const LEASE = `/apis/coordination.k8s.io/v1/namespaces/${NAMESPACE}/leases/jangar`;
const GROUP = '/apis/agents.proompteng.ai/v1alpha1';

const server = sharedApiServer();
const stack = kubernetesStack({ kubeconfig: server.kubeconfigPath }, [NAMESPACE]);
const statuses = new StatusWatch(stack, [AGENTS, AGENT_PROVIDERS, AGENT_RUNS]);
const started: ControlPlane[] = [];

async function start(name: string, more: Readonly<Record<string, string>> = {}): Promise<ControlPlane> {
  const process = await ControlPlane.start({
    KUBECONFIG: server.kubeconfigPath,
    JANGAR_NAMESPACE: NAMESPACE,
    JANGAR_RUNNER_IMAGE: 'registry.example/agent-runner:1',
    POD_NAME: name,
    ...more,
  });
  started.push(process);
  return process;
}

async function startReady(name: string): Promise<ControlPlane> {
  const process = await start(name);
  await eventually(async () => expect(await process.get('/readyz')).toMatchObject({ status: 200 }), 30_000);
  return process;
}

async function holder(): Promise<string> {
  const { body } = await server.client.send('GET', LEASE);
  return (body as { spec?: { holderIdentity?: string } }).spec?.holderIdentity ?? '';
}

async function leads(name: string, deadlineMs: number): Promise<void> {
  await eventually(async () => expect(await holder()).toMatch(new RegExp(`^${name}_`)), deadlineMs);
}

beforeAll(async () => {
  await buildControlPlane();
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } };
  await server.client.send('POST', '/api/v1/namespaces', { body });
  stack.informers.start(new AbortController().signal);
}, 120_000);

afterEach(async () => {
  await Promise.all(started.splice(0).map((process) => process.end()));
  await server.client.send('DELETE', LEASE);
});

afterAll(async () => {
  await stack.close();
  await server.stop();
});

describe('the process', () => {
  it('tells all problems of its configuration at once and exits with 1', async () => {
    const process = await start('p', {
      JANGAR_RUNNER_IMAGE: '',
      JANGAR_HTTP_PORT: 'hunter2',
      JANGAR_LOG_LEVEL: 'loud',
    });
    expect(await process.exited()).toBe(1);
    expect(process.lines).toHaveLength(1);
    expect(process.lines[0]).toMatchObject({
      level: 'fatal',
      msg: 'the configuration is invalid',
      problems: [
        expect.stringMatching(/^JANGAR_RUNNER_IMAGE is required/),
        'JANGAR_HTTP_PORT must be an integer number',
        expect.stringMatching(/^JANGAR_LOG_LEVEL must be one of/),
      ],
    });
    expect(JSON.stringify(process.lines)).not.toContain('hunter2');
    expect(process.stderr).toBe('');
  });

  it('is alive but not ready while there is no API server, and stops cleanly', async () => {
    const process = await start('p', { KUBECONFIG: '/nonexistent/kubeconfig' });
    await eventually(async () => expect((await process.get('/livez')).status).toBe(200), 30_000);
    expect((await process.get('/readyz')).status).toBe(503);
    expect((await process.get('/healthz')).text).toContain('CredentialsUnavailable');
    process.send('SIGTERM');
    expect(await process.exited()).toBe(0);
  });

  it('gets ready, leads, reconciles and writes JSON lines alone', async () => {
    const process = await startReady('p');
    await leads('p', 10_000);
    const provider = {
      apiVersion: 'agents.proompteng.ai/v1alpha1',
      kind: 'AgentProvider',
      metadata: { name: 'echo' },
      spec: { binary: '/bin/echo', argsTemplate: ['{{ run.name }}'] },
    };
    await server.client.send('POST', `${GROUP}/namespaces/${NAMESPACE}/agentproviders`, { body: provider });
    await eventually(async () => {
      const { body } = await server.client.send('GET', `${GROUP}/namespaces/${NAMESPACE}/agentproviders/echo`);
      expect(body).toMatchObject({
        status: { conditions: [{ type: 'Ready', status: 'True' }], observedGeneration: 1 },
      });
    });
    expect(process.lines.every(({ level, msg, time }) => level !== '' && msg !== '' && time !== undefined)).toBe(true);
    expect(process.stderr).toBe('');
  });

  it('puts agentRun.uid on the lines of a run', async () => {
    const process = await startReady('p');
    const run = {
      apiVersion: 'agents.proompteng.ai/v1alpha1',
      kind: 'AgentRun',
      metadata: { name: 'waits' },
      spec: {
        agentRef: { name: 'missing' },
        implementation: { inline: { text: 'do it' } },
        execution: { coordinates: { git: { url: 'https://git.example/x.git' } } },
      },
    };
    const { body } = await server.client.send('POST', `${GROUP}/namespaces/${NAMESPACE}/agentruns`, { body: run });
    const { uid } = (body as { metadata: { uid: string } }).metadata;
    await eventually(() => {
      const line = process.lines.find((candidate) => candidate['agentRun.uid'] === uid);
      expect(line).toMatchObject({ kind: 'AgentRun', namespace: NAMESPACE, name: 'waits', reconciler: 'agent-run' });
      expect(line?.['reconcileID']).toMatch(/^[0-9a-f-]{36}$/);
    });
  });

  it.each([
    ['agent-provider', 'agentproviders/echo'],
    ['agent-run', 'agentruns/waits'],
  ])('looks again when the annotation reconcile-requested asks for it: %s', async (reconciler, path) => {
    const process = await startReady('p');
    const passes = async (): Promise<number> => {
      const { text } = await process.get('/metrics');
      const series = text.matchAll(
        new RegExp(`^jangar_reconcile_total\\{reconciler="${reconciler}",.*\\} (\\d+)$`, 'gm'),
      );
      return [...series].reduce((sum, [, count]) => sum + Number(count), 0);
    };
    const before = await eventually(async () => {
      const count = await passes();
      expect(count).toBeGreaterThan(0);
      return count;
    });
    const body = { metadata: { annotations: { 'agents.proompteng.ai/reconcile-requested': reconciler } } };
    await server.client.send('PATCH', `${GROUP}/namespaces/${NAMESPACE}/${path}`, {
      contentType: 'application/merge-patch+json',
      body,
    });
    await eventually(async () => expect(await passes()).toBeGreaterThan(before));
  });

  it('has the series that dashboards and alerts are made of', async () => {
    const process = await startReady('p');
    // The process counts itself as leader when it has the answer: a moment after the Lease says so.
    const { status, text } = await eventually(async () => {
      const answer = await process.get('/metrics');
      expect(answer.text).toContain('\njangar_leader 1\n');
      return answer;
    });
    expect(status).toBe(200);
    const names = new Set(text.split('\n').map((line) => /^# TYPE (\S+) /.exec(line)?.[1]));
    for (const name of [
      'jangar_reconcile_total',
      'jangar_reconcile_duration_seconds',
      'jangar_workqueue_depth',
      'jangar_workqueue_adds_total',
      'jangar_workqueue_latency_seconds',
      'jangar_workqueue_retries_total',
      'jangar_workqueue_longest_running_seconds',
      'jangar_leader',
      'jangar_resync_total',
      'jangar_kubernetes_requests_total',
      'jangar_kubernetes_watch_age_seconds',
      'process_cpu_seconds_total',
      'nodejs_eventloop_lag_seconds',
    ]) {
      expect(names).toContain(name);
    }
  });

  it('hands over to a waiting replica at SIGTERM, without waiting for the Lease to run out', async () => {
    const first = await startReady('first');
    await leads('first', 10_000);
    const second = await startReady('second');
    expect((await second.get('/metrics')).text).toContain('\njangar_leader 0\n');
    first.send('SIGTERM');
    expect(await first.exited()).toBe(0);
    expect(await holder()).not.toMatch(/^first_/);
    await leads('second', 10_000);
    second.send('SIGTERM');
    expect(await second.exited()).toBe(0);
    expect(await holder()).toBe('');
  }, 60_000);

  it('wrote no status that breaks an invariant in all of this', () => {
    expect(statuses.seen).toEqual(['AgentProvider echo', 'AgentRun waits']);
    expect(statuses.violations).toEqual([]);
  });
});
