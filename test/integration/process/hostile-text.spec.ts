import { LABELS } from '../../../src/api/meta/labels.js';
import type { AgentRun } from '../../../src/api/v1alpha1/agent-run.types.js';
import type { AgentInput } from '../../../src/domain/execution-spec.js';
import type { RunnerSpec } from '../../../src/domain/runner-spec.js';
import type { Job } from '../../../src/modules/runtime/job/job.types.js';
import { sharedApiServer } from '../../support/api-server.js';
import { aReport, ended } from '../../support/builders/job.js';
import { buildControlPlane, ControlPlane } from '../../support/control-plane.js';
import { eventually } from '../../support/eventually.js';
import { FRAGMENTS } from '../../support/hostile-text.js';

const NAMESPACE = 'hostile-text';
const GROUP = `/apis/agents.proompteng.ai/v1alpha1/namespaces/${NAMESPACE}`;
const CORE = `/api/v1/namespaces/${NAMESPACE}`;
const JOBS = `/apis/batch/v1/namespaces/${NAMESPACE}/jobs`;
const EVENTS = `/apis/events.k8s.io/v1/namespaces/${NAMESPACE}/events`;

/** Every fragment; with a NUL, which the API server stores as it stores any character. */
const TEXT = FRAGMENTS.join(' ');
const WITH_NUL = `${TEXT}\0`;
const TEMPLATE = '{{ parameters.text }}';

const server = sharedApiServer();
let controlPlane: ControlPlane;

async function create(path: string, kind: string, name: string, spec: object, more: object = {}): Promise<unknown> {
  const apiVersion = path.startsWith(GROUP) ? 'agents.proompteng.ai/v1alpha1' : 'v1';
  const body = { apiVersion, kind, metadata: { name, ...more }, spec };
  const answer = await server.client.send('POST', path, { body });
  expect(answer).toMatchObject({ status: 201 });
  return answer.body;
}

async function get<T>(path: string): Promise<T> {
  return (await server.client.send('GET', path)).body as T;
}

async function only<T>(list: string, run: string): Promise<T> {
  const { items } = await get<{ items: T[] }>(`${list}?labelSelector=${LABELS.agentRun}=${run}`);
  const [item] = items;
  if (item === undefined || items.length > 1) throw new Error(`${items.length} of ${list}`);
  return item;
}

const aRun = (parameters: Record<string, string>) => ({
  agentRef: { name: 'reader' },
  implementationRef: { name: 'issue' },
  execution: { coordinates: { git: { url: 'https://git.example/app.git' } } },
  parameters,
  retry: { limit: 0 },
});

/** What a kubelet and the Job controller would write once the agent had ended with 1. */
async function fail(job: Job, message: string): Promise<void> {
  const { name, uid } = job.metadata;
  const owner = { apiVersion: 'batch/v1', kind: 'Job', name, uid, controller: true };
  const pod = {
    automountServiceAccountToken: false,
    restartPolicy: 'Never',
    containers: [{ name: 'agent', image: 'registry.example/agent:1' }],
  };
  await create(`${CORE}/pods`, 'Pod', name, pod, {
    labels: { ...job.metadata.labels, 'batch.kubernetes.io/job-name': name },
    ownerReferences: [owner],
  });
  const contentType = 'application/merge-patch+json';
  const at = new Date().toISOString();
  const [startedAt, finishedAt] = [at, at];
  const terminated = ended(1, { message, startedAt, finishedAt });
  const agent = { ...terminated, image: '', imageID: '', ready: false, restartCount: 0 };
  const podStatus = { phase: 'Failed', containerStatuses: [agent] };
  const over = ['FailureTarget', 'Failed'].map((type) => ({
    type,
    status: 'True',
    reason: 'X',
    lastTransitionTime: at,
  }));
  const jobStatus = { startTime: at, failed: 1, ready: 0, terminating: 0, conditions: over };
  for (const [path, status] of [
    [`${CORE}/pods/${name}`, podStatus],
    [`${JOBS}/${name}`, jobStatus],
  ] as const) {
    const answer = await server.client.send('PATCH', `${path}/status`, { contentType, body: { status } });
    expect(answer).toMatchObject({ status: 200 });
  }
}

beforeAll(async () => {
  await buildControlPlane();
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } };
  await server.client.send('POST', '/api/v1/namespaces', { body });
  // Pods are admitted with one alone, and there is no controller here to make it.
  await create(`${CORE}/serviceaccounts`, 'ServiceAccount', 'default', {});
  controlPlane = await ControlPlane.start({
    KUBECONFIG: server.kubeconfigPath,
    JANGAR_NAMESPACE: NAMESPACE,
    JANGAR_RUNNER_IMAGE: 'registry.example/agent-runner:1',
    POD_NAME: NAMESPACE,
  });
  await create(`${GROUP}/agentproviders`, 'AgentProvider', 'reader', {
    binary: '/bin/cat',
    argsTemplate: [TEMPLATE],
    envTemplate: { TEXT: TEMPLATE },
    inputFiles: [{ path: 'issue.md', content: '{{ implementation.description }}' }],
  });
  await create(`${GROUP}/agents`, 'Agent', 'reader', { providerRef: { name: 'reader' } });
  await create(`${GROUP}/implementationspecs`, 'ImplementationSpec', 'issue', { text: TEXT, description: WITH_NUL });
}, 120_000);

afterAll(async () => {
  await controlPlane.end();
  await server.stop();
});

describe('hostile text, through a real API server and a real process', () => {
  it('stays text: in the frozen spec, out of the Job, in the status, in events and in the log', async () => {
    await create(`${GROUP}/agentruns`, 'AgentRun', 'reads', aRun({ text: TEXT }));
    const job = await eventually(async () => only<Job>(JOBS, 'reads'), 30_000);
    const { data } = await only<{ data: Record<string, string> }>(`${CORE}/configmaps`, 'reads');
    const { command, inputFiles } = JSON.parse(data['runner.json'] ?? '') as RunnerSpec;
    expect([command.args, command.env, inputFiles[0]?.content]).toEqual([[TEXT], { TEXT }, WITH_NUL]);
    const { parameters, implementation } = JSON.parse(data['run.json'] ?? '') as AgentInput;
    expect([parameters, implementation.description]).toEqual([{ text: TEXT }, WITH_NUL]);
    expect(JSON.stringify(job)).not.toContain('{{');

    const said = TEXT.slice(0, 200);
    await fail(job, aReport({ exitCode: 1, message: said, outputs: { said } }));
    const { status } = await eventually(async () => {
      const run = await get<AgentRun>(`${GROUP}/agentruns/reads`);
      expect(run.status?.phase).toBe('Failed');
      return run;
    });
    expect(status).toMatchObject({ failureClass: 'AgentError', outputs: { said } });
    expect(status?.message).toContain(said);
    await eventually(async () => {
      const { items } = await get<{ items: { reason: string; note: string }[] }>(EVENTS);
      expect(items.find(({ reason }) => reason === 'Failed')?.note).toContain(said);
    });
    expect(controlPlane.lines.length).toBeGreaterThan(0);
    expect(controlPlane.stderr).toBe('');
  }, 60_000);

  it('that no process can be given makes the run invalid, and nothing is created for it', async () => {
    await create(`${GROUP}/agentruns`, 'AgentRun', 'nul', aRun({ text: WITH_NUL }));
    const { status } = await eventually(async () => {
      const run = await get<AgentRun>(`${GROUP}/agentruns/nul`);
      expect(run.status?.phase).toBe('Failed');
      return run;
    });
    expect(status).toMatchObject({ reason: 'NulCharacter', message: expect.stringContaining('argument 0') as string });
    for (const list of [JOBS, `${CORE}/configmaps`]) await expect(only(list, 'nul')).rejects.toThrow('0 of');
  });
});
