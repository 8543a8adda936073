import { ApiError } from './api-error.js';
import { KubernetesClient } from './client.js';
import { AGENT_RUNS, JOBS } from './resource.js';
import type { Transport, TransportRequest } from './transport.js';

const { signal } = new AbortController();
const refused = (code: number, reason: string): ApiError => new ApiError({ method: 'GET', target: 'x', code, reason });

function clientWith(answer: object | Error) {
  const requests: TransportRequest[] = [];
  const transport: Pick<Transport, 'request'> = {
    request: (request) => {
      requests.push(request);
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
  };
  return { client: new KubernetesClient(transport as Transport), requests };
}

describe('KubernetesClient', () => {
  it('reads an object', async () => {
    const { client, requests } = clientWith({ kind: 'Job' });
    expect(await client.get(JOBS, 'a', 'j', signal)).toEqual({ kind: 'Job' });
    expect(requests).toEqual([{ method: 'GET', path: '/apis/batch/v1/namespaces/a/jobs/j', signal }]);
  });

  it('reads a missing object as undefined and passes on other errors', async () => {
    expect(await clientWith(refused(404, 'NotFound')).client.get(JOBS, 'a', 'j', signal)).toBeUndefined();
    await expect(clientWith(refused(403, 'Forbidden')).client.get(JOBS, 'a', 'j', signal)).rejects.toThrow('403');
  });

  it('creates in the collection', async () => {
    const { client, requests } = clientWith({});
    await client.create(JOBS, 'a', { kind: 'Job' }, signal);
    const path = '/apis/batch/v1/namespaces/a/jobs';
    expect(requests).toEqual([{ method: 'POST', path, body: { kind: 'Job' }, signal }]);
  });

  it('patches the status as a JSON merge patch', async () => {
    const { client, requests } = clientWith({});
    await client.mergePatch(AGENT_RUNS, 'a', 'r', { status: {} }, { subresource: 'status' }, signal);
    expect(requests[0]).toMatchObject({
      method: 'PATCH',
      path: '/apis/agents.proompteng.ai/v1alpha1/namespaces/a/agentruns/r/status',
      contentType: 'application/merge-patch+json',
      body: { status: {} },
    });
  });

  it('lists with selectors', async () => {
    const { client, requests } = clientWith({ metadata: { resourceVersion: '1' }, items: [] });
    expect(await client.list(JOBS, undefined, { labelSelector: 'a=b' }, signal)).toEqual([]);
    expect(requests[0]).toMatchObject({ path: '/apis/batch/v1/jobs', query: { labelSelector: 'a=b' } });
  });

  it('deletes with the options and the uid as a precondition', async () => {
    const { client, requests } = clientWith({});
    const options = { uid: 'u', propagationPolicy: 'Background', gracePeriodSeconds: 0 } as const;
    expect(await client.delete(JOBS, 'a', 'j', options, signal)).toBe(true);
    expect(requests[0]?.body).toEqual({
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy: 'Background',
      gracePeriodSeconds: 0,
      preconditions: { uid: 'u' },
    });
  });

  it.each([
    ['the object is gone', refused(404, 'NotFound'), { uid: 'u' }, false],
    ['only a namesake is there', refused(409, 'Conflict'), { uid: 'u' }, false],
  ])('tells that there was nothing to delete when %s', async (_name, error, options, expected) => {
    expect(await clientWith(error).client.delete(JOBS, 'a', 'j', options, signal)).toBe(expected);
  });

  it('passes on a conflict that has nothing to do with the uid', async () => {
    const { client } = clientWith(refused(409, 'Conflict'));
    await expect(client.delete(JOBS, 'a', 'j', {}, signal)).rejects.toThrow('409');
  });

  it('asks before each write, and before writes only', async () => {
    const { client, requests } = clientWith({ metadata: { resourceVersion: '1' }, items: [] });
    const asked: number[] = [];
    client.onBeforeWrite(() => asked.push(requests.length));
    await client.create(JOBS, 'a', {}, signal);
    await client.mergePatch(JOBS, 'a', 'j', {}, {}, signal);
    await client.delete(JOBS, 'a', 'j', {}, signal);
    await client.get(JOBS, 'a', 'j', signal);
    await client.list(JOBS, 'a', {}, signal);
    expect(asked).toEqual([0, 1, 2]);
  });
});
