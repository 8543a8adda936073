import type { KubernetesObject } from '../../src/api/meta/object.js';
import { childName } from '../../src/api/meta/names.js';
import type { ApiServer } from '../../test/support/api-server.js';
import { eventually } from '../../test/support/eventually.js';
import { type Family, podName } from './clone.js';
import { AGENT, aRun, NAMESPACE, PROVIDER, SERVICE_ACCOUNT } from './manifests.js';
import { completeJob, type JobObject, podOf, runningJob, runningPod, succeededPod } from './workload-states.js';

const CORE = `/api/v1/namespaces/${NAMESPACE}`;
const BATCH = `/apis/batch/v1/namespaces/${NAMESPACE}`;
const AGENTS = `/apis/agents.proompteng.ai/v1alpha1/namespaces/${NAMESPACE}`;
const MERGE_PATCH = 'application/merge-patch+json';

interface Run extends KubernetesObject {
  readonly status?: { readonly phase?: string; readonly finishedAt?: string };
}

/** The namespace with everything that runs need. */
export async function prepare(server: ApiServer): Promise<void> {
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } };
  await send(server, 'POST', '/api/v1/namespaces', namespace);
  await send(server, 'POST', `${CORE}/serviceaccounts`, SERVICE_ACCOUNT);
  await send(server, 'POST', `${AGENTS}/agentproviders`, PROVIDER);
  await send(server, 'POST', `${AGENTS}/agents`, AGENT);
}

/**
 * Takes one run to where it is to be, with a control plane that works. What the Job controller and a kubelet would write
 * is written here: there is neither.
 */
export async function original(server: ApiServer, name: string, end: 'Running' | 'Succeeded'): Promise<Family> {
  const created = (await send(server, 'POST', `${AGENTS}/agentruns`, aRun(name))) as Run;
  const { uid } = created.metadata;
  const jobPath = `${BATCH}/jobs/${childName(name, uid, '1')}`;
  const job = await eventually(async () => (await send(server, 'GET', jobPath)) as JobObject, 30_000);
  const pod = podName(job.metadata.name);
  const startedAt = now();
  await send(server, 'POST', `${CORE}/pods`, podOf(job, pod));
  await patchStatus(server, `${CORE}/pods/${pod}`, runningPod(job, startedAt));
  await patchStatus(server, jobPath, runningJob(startedAt));
  await reached(server, name, 'Running');
  if (end === 'Succeeded') {
    await patchStatus(server, `${CORE}/pods/${pod}`, succeededPod(job, name, startedAt, now()));
    await patchStatus(server, jobPath, completeJob(startedAt, now()));
    await reached(server, name, 'Succeeded');
  }
  return {
    run: await read(server, `${AGENTS}/agentruns/${name}`),
    configMap: await read(server, `${CORE}/configmaps/${childName(name, uid, 'spec')}`),
    job: await read(server, jobPath),
    pod: await read(server, `${CORE}/pods/${pod}`),
  };
}

async function reached(server: ApiServer, name: string, phase: string): Promise<void> {
  await eventually(async () => {
    const { status } = (await send(server, 'GET', `${AGENTS}/agentruns/${name}`)) as Run;
    if (status?.phase !== phase) throw new Error(`run ${name} is ${status?.phase ?? 'untouched'}, not ${phase}`);
  }, 30_000);
}

async function read(server: ApiServer, path: string): Promise<KubernetesObject> {
  return (await send(server, 'GET', path)) as KubernetesObject;
}

async function patchStatus(server: ApiServer, path: string, status: object): Promise<void> {
  await send(server, 'PATCH', `${path}/status`, { status }, MERGE_PATCH);
}

async function send(
  server: ApiServer,
  method: 'GET' | 'POST' | 'PATCH',
  path: string,
  body?: object,
  contentType = 'application/json',
): Promise<unknown> {
  const answer = await server.client.send(method, path, body && { body, contentType });
  if (answer.status < 300) return answer.body;
  throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
}

/** As Kubernetes writes times. */
function now(): string {
  return `${new Date().toISOString().slice(0, 19)}Z`;
}
