import { setTimeout as delay } from 'node:timers/promises';
import { type ApiServer, SHARED_SERVER_VARIABLE, startApiServer } from './api-server.js';

const CRD_DIRECTORY = 'charts/agents/crds';
const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const GROUP_VERSION = '/apis/agents.proompteng.ai/v1alpha1';
const DEADLINE_MS = 30_000;

/** Installs the project's CRDs and waits until every kind is served: Established alone is a moment too early. */
export async function installCrds(server: ApiServer): Promise<void> {
  const applied = await server.kubectl(['create', '-f', CRD_DIRECTORY]);
  if (applied.code !== 0) throw new Error(`the CRDs were refused:\n${applied.stderr}`);
  const { body } = await server.client.send('GET', CRDS);
  const expected = (body as { items: unknown[] }).items.length;
  const deadline = Date.now() + DEADLINE_MS;
  while (Date.now() < deadline) {
    const discovery = await server.client.send('GET', GROUP_VERSION);
    const resources = (discovery.body as { resources?: { name: string }[] }).resources ?? [];
    if (resources.filter(({ name }) => !name.includes('/')).length === expected) return;
    await delay(50);
  }
  throw new Error(`the API server did not serve all kinds of ${CRD_DIRECTORY} within ${DEADLINE_MS / 1000} s`);
}

/** Starts the server that all files of a Jest run share, and gives what stops it. */
export async function startSharedApiServer(): Promise<() => Promise<void>> {
  const server = await startApiServer({ storageJson: true });
  try {
    await installCrds(server);
  } catch (error) {
    await server.stop();
    throw error;
  }
  process.env[SHARED_SERVER_VARIABLE] = JSON.stringify(server.handle);
  return () => server.stop();
}
