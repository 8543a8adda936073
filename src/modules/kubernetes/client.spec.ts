import { jest } from '@jest/globals';
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
    expect(requests).toMatchObject([{ method: 'POST', path, body: { kind: 'Job' }, signal }]);
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

  it('deletes an object as it was read: one that has changed is a conflict', async () => {
    const seen = { uid: 'u', resourceVersion: '7' };
    const { client, requests } = clientWith(refused(409, 'Conflict'));
    await expect(client.delete(JOBS, 'a', 'j', seen, signal)).rejects.toThrow('409');
    expect(requests[0]?.body).toMatchObject({ preconditions: seen });
    expect(await clientWith(refused(404, 'NotFound')).client.delete(JOBS, 'a', 'j', seen, signal)).toBe(false);
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

  it('asks right before each write goes out, and before writes only', async () => {
    const { client, requests } = clientWith({ metadata: { resourceVersion: '1' }, items: [] });
    const hook = (): void => undefined;
    client.onBeforeWrite(hook);
    await client.create(JOBS, 'a', {}, signal);
    await client.mergePatch(JOBS, 'a', 'j', {}, {}, signal);
    await client.delete(JOBS, 'a', 'j', {}, signal);
    await client.get(JOBS, 'a', 'j', signal);
    await client.list(JOBS, 'a', {}, signal);
    expect(requests.map(({ method, beforeSend }) => [method, beforeSend])).toEqual([
      ['POST', hook],
      ['PATCH', hook],
      ['DELETE', hook],
      ['GET', undefined],
      ['GET', undefined],
    ]);
  });

  it('tells of each write before it is sent and once it succeeded, and of no read', async () => {
    const { client, requests } = clientWith({ metadata: { resourceVersion: '1' }, items: [] });
    const told: [number, string][] = [];
    client.onWrite(({ verb, resource, subresource, namespace, name }) => {
      const write = `${verb} ${resource.plural} ${subresource ?? '-'} ${namespace}/${name}`;
      told.push([requests.length, write]);
      return () => told.push([requests.length, `${verb} succeeded`]);
    });
    await client.create(JOBS, 'a', { metadata: { name: 'j' } }, signal);
    await client.mergePatch(AGENT_RUNS, 'a', 'r', {}, { subresource: 'status' }, signal);
    await client.delete(JOBS, 'a', 'j', {}, signal);
    await client.get(JOBS, 'a', 'j', signal);
    await client.list(JOBS, 'a', {}, signal);
    expect(told).toEqual([
      [0, 'create jobs - a/j'],
      [1, 'create succeeded'],
      [1, 'patch agentruns status a/r'],
      [2, 'patch succeeded'],
      [2, 'delete jobs - a/j'],
      [3, 'delete succeeded'],
    ]);
  });

  it.each([
    ['refused', refused(409, 'AlreadyExists')],
    ['unanswered', refused(0, 'NetworkError')],
  ])('does not take a write that was %s for one that succeeded', async (_name, error) => {
    const { client } = clientWith(error);
    const succeeded = jest.fn();
    client.onWrite(() => succeeded);
    await expect(client.create(JOBS, 'a', {}, signal)).rejects.toBe(error);
    await expect(client.delete(JOBS, 'a', 'j', {}, signal)).rejects.toBe(error);
    expect(succeeded).not.toHaveBeenCalled();
  });

  it('does not take a deletion that found nothing for a write', async () => {
    const { client } = clientWith(refused(404, 'NotFound'));
    const succeeded = jest.fn();
    client.onWrite(() => succeeded);
    await client.delete(JOBS, 'a', 'j', {}, signal);
    expect(succeeded).not.toHaveBeenCalled();
  });
});
