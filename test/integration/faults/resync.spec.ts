import type { KubernetesObject } from '../../../src/api/meta/object.js';
import type { AgentRun } from '../../../src/api/v1alpha1/agent-run.types.js';
import {
  AGENT_PROVIDERS,
  AGENT_RUNS,
  AGENTS,
  JOBS,
  type Resource,
  resourcePath,
} from '../../../src/modules/kubernetes/resource.js';
import type { Job } from '../../../src/modules/kubernetes/wire.js';
import { sharedApiServer } from '../../support/api-server.js';
import { buildControlPlane, ControlPlane } from '../../support/control-plane.js';
import { eventually } from '../../support/eventually.js';
import { FaultProxy } from '../../support/fault-proxy/fault-proxy.js';
import { anAgent, aProvider, aRun } from '../../support/run-objects.js';

const NAMESPACE = 'faults-resync';
const OTHER = 'other';
/** Of now: a run that ended longer ago than its time to live would be deleted. */
const NOW = new Date().toISOString();
/** Comparisons come every six seconds and take two events of the watch. */
const DEADLINE_MS = 60_000;
const TEST_MS = 120_000;

const server = sharedApiServer();
let proxy: FaultProxy;
let controlPlane: ControlPlane;

async function send(method: 'GET' | 'POST' | 'PATCH', path: string, body?: object): Promise<unknown> {
  const contentType = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
  const answer = await server.client.send(method, path, { ...(body && { body }), contentType });
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

const create = (resource: Resource<KubernetesObject>, object: object): Promise<unknown> =>
  send('POST', resourcePath(resource, NAMESPACE), object);

const read = async <T extends KubernetesObject>(resource: Resource<T>, name: string): Promise<T> =>
  (await send('GET', resourcePath(resource, NAMESPACE, name))) as T;

const phaseOf = async (run: string): Promise<string | undefined> =>
  (await read<AgentRun>(AGENT_RUNS, run)).status?.phase;

/** Something that the watch of Jobs tells: only then is it known to be past what it did not tell. */
const stir = (nth: number): Promise<unknown> =>
  send('PATCH', resourcePath(JOBS, NAMESPACE, OTHER), { metadata: { annotations: { stirred: String(nth) } } });

/** What a Job controller writes when the pod has succeeded; nothing runs pods here. */
async function complete(name: string): Promise<void> {
  const since = { status: 'True', lastTransitionTime: NOW, lastProbeTime: NOW };
  const conditions = [
    { type: 'SuccessCriteriaMet', ...since },
    { type: 'Complete', ...since },
  ];
  const status = { startTime: NOW, completionTime: NOW, succeeded: 1, conditions };
  await send('PATCH', resourcePath(JOBS, NAMESPACE, name, 'status'), { status });
}

async function healed(kind: string): Promise<number> {
  const { text } = await controlPlane.get('/metrics');
  return Number(new RegExp(`^jangar_resync_healed_total\\{kind="${kind}"\\} (\\d+)$`, 'm').exec(text)?.[1]);
}

/** A Job that nobody waits for, with the label by which the control plane watches. */
async function createOther(like: Job): Promise<void> {
  const { labels } = like.metadata;
  const metadata = { name: OTHER, labels: { ...labels, 'agents.proompteng.ai/agent-run-uid': OTHER } };
  const template = {
    metadata: { labels: metadata.labels },
    spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'none' }] },
  };
  await create(JOBS, { apiVersion: 'batch/v1', kind: 'Job', metadata, spec: { suspend: true, template } });
}

beforeAll(async () => {
  await buildControlPlane();
  await send('POST', '/api/v1/namespaces', { metadata: { name: NAMESPACE } });
  proxy = await FaultProxy.start(server);
  controlPlane = await ControlPlane.start({
    KUBECONFIG: proxy.kubeconfigPath,
    JANGAR_NAMESPACE: NAMESPACE,
    JANGAR_RUNNER_IMAGE: 'registry.example/agent-runner:1',
    JANGAR_RESYNC_SECONDS: '1',
  });
  await create(AGENT_PROVIDERS, aProvider('shell'));
  await create(AGENTS, anAgent('worker'));
}, 120_000);

afterAll(async () => {
  await controlPlane.end();
  await proxy.stop();
  await server.stop();
});

async function submitted(name: string): Promise<Job> {
  await create(AGENT_RUNS, aRun(name, 'true'));
  return eventually(async () => {
    const { status } = await read<AgentRun>(AGENT_RUNS, name);
    return read<Job>(JOBS, status?.runtimeRef?.name ?? 'none yet');
  }, DEADLINE_MS);
}

describe('the resync', () => {
  it(
    'finds nothing while every event arrives, however often it looks',
    async () => {
      const job = await submitted('told');
      await createOther(job);
      await complete(job.metadata.name);
      await eventually(async () => expect(await phaseOf('told')).toBe('Succeeded'));
      const resyncs = (): number =>
        proxy.requests.filter(({ verb, resource }) => verb === 'list' && resource === 'jobs').length;
      const before = resyncs();
      await eventually(() => expect(resyncs()).toBeGreaterThan(before + 2), DEADLINE_MS);
      expect(await healed('AgentRun')).toBe(0);
      expect(controlPlane.lines.filter(({ msg }) => msg.startsWith('the resync'))).toEqual([]);
    },
    TEST_MS,
  );

  it(
    'brings a run to its end whose watch has left out the end of its Job, counts it and says so',
    async () => {
      const job = await submitted('untold');
      const { name } = job.metadata;
      const dropped = proxy.inject({ verb: 'watch', resource: 'jobs', name }, { kind: 'dropEvent' });
      await complete(name);
      await dropped.hit();
      let stirs = 0;
      await eventually(async () => {
        stirs += 1;
        await stir(stirs);
        expect(await phaseOf('untold')).toBe('Succeeded');
      }, DEADLINE_MS);
      await eventually(async () => expect(await healed('AgentRun')).toBe(1));
      const line = controlPlane.lines.find(({ msg }) => msg === 'the resync found what no event had told');
      expect(line).toMatchObject({ level: 'warn', name: 'untold', writes: ['patch agentruns/status untold'] });
      const left = controlPlane.lines.find(({ msg }) => msg === 'a watch has left out changes');
      expect(left).toMatchObject({ kind: 'Job', objects: [`${NAMESPACE}/${name}`] });
    },
    TEST_MS,
  );
});
