import { isConflict } from '../../../src/modules/kubernetes/api-error.js';
import { AGENTS } from '../../../src/modules/kubernetes/resource.js';
import { StatusWriter } from '../../../src/modules/manager/status-writer.js';
import type { Agent } from '../../../src/api/v1alpha1/agent.types.js';
import type { Condition } from '../../../src/api/meta/condition.js';
import { sharedApiServer } from '../../support/api-server.js';
import { kubernetesStack } from '../../support/kubernetes-stack.js';

const NAMESPACE = 'status-writer';
const server = sharedApiServer();
const stack = kubernetesStack({ kubeconfig: server.kubeconfigPath }, [NAMESPACE]);
const writer = new StatusWriter(stack.client);
const { signal } = new AbortController();

beforeAll(async () => {
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } };
  await server.client.send('POST', '/api/v1/namespaces', { body });
});

afterAll(async () => {
  await stack.close();
  await server.stop();
});

function create(name: string): Promise<Agent> {
  const body = {
    apiVersion: 'agents.proompteng.ai/v1alpha1',
    kind: 'Agent',
    metadata: { name },
    spec: { providerRef: { name: 'p' } },
  };
  return stack.client.create(AGENTS, NAMESPACE, body, signal);
}

async function read(name: string): Promise<Agent> {
  const agent = await stack.client.get(AGENTS, NAMESPACE, name, signal);
  if (agent === undefined) throw new Error(`${name} is gone`);
  return agent;
}

function ready(status: Condition['status'], reason: string): Condition {
  const lastTransitionTime = '2026-01-13T09:00:00Z';
  return { type: 'Ready', status, reason, message: 'as told', lastTransitionTime, observedGeneration: 1 };
}

describe('the status writer on a real API server', () => {
  it('writes the status and leaves spec and generation alone', async () => {
    const agent = await create('plain');
    const status = { observedGeneration: 1, conditions: [ready('False', 'ProviderNotFound')] };
    const written = await writer.write(AGENTS, agent, status, signal);
    expect(written?.status).toEqual(status);
    expect(await read('plain')).toMatchObject({ spec: agent.spec, metadata: { generation: 1 }, status });
  });

  it('sends nothing, and moves no resourceVersion, when nothing changed', async () => {
    const status = { observedGeneration: 1, conditions: [ready('True', 'Ready')] };
    await writer.write(AGENTS, await create('quiet'), status, signal);
    const agent = await read('quiet');
    stack.requested.length = 0;
    const again = { conditions: [{ ...ready('True', 'Ready') }], observedGeneration: 1 };
    await expect(writer.write(AGENTS, agent, again, signal)).resolves.toBeUndefined();
    expect(stack.requested).toEqual([]);
    expect((await read('quiet')).metadata.resourceVersion).toBe(agent.metadata.resourceVersion);
  });

  it('removes what the next status no longer has', async () => {
    const agent = await create('shrinking');
    const both = {
      observedGeneration: 1,
      conditions: [ready('True', 'Ready'), { ...ready('True', 'Quota'), type: 'Paused' }],
    };
    const written = await writer.write(AGENTS, agent, both, signal);
    expect(written).toBeDefined();
    await writer.write(AGENTS, await read('shrinking'), { conditions: [ready('True', 'Ready')] }, signal);
    expect((await read('shrinking')).status).toEqual({ conditions: [ready('True', 'Ready')] });
  });

  it('refuses a writer with an old copy with 409 instead of moving the status back', async () => {
    const stale = await create('contested');
    const current = { conditions: [ready('True', 'Ready')] };
    await writer.write(AGENTS, stale, current, signal);
    const late = writer.write(AGENTS, stale, { conditions: [ready('False', 'Late')] }, signal);
    await expect(late).rejects.toMatchObject({ code: 409, reason: 'Conflict' });
    await late.catch((error: unknown) => expect(isConflict(error)).toBe(true));
    expect((await read('contested')).status).toEqual(current);
  });

  it('has nothing to write for an object that is gone', async () => {
    const agent = await create('gone');
    await stack.client.delete(AGENTS, NAMESPACE, 'gone', {}, signal);
    await expect(writer.write(AGENTS, agent, { observedGeneration: 1 }, signal)).resolves.toBeUndefined();
  });

  it('never writes the status of a namesake that came after it', async () => {
    const first = await create('again');
    await stack.client.delete(AGENTS, NAMESPACE, 'again', {}, signal);
    await create('again');
    const write = writer.write(AGENTS, first, { observedGeneration: 1 }, signal);
    await expect(write).rejects.toMatchObject({ code: 409, reason: 'Conflict' });
    expect((await read('again')).status).toBeUndefined();
  });
});
