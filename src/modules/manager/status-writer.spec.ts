import { jest } from '@jest/globals';
import type { KubernetesObject } from '../../api/meta/object.js';
import { ApiError } from '../kubernetes/api-error.js';
import type { KubernetesClient } from '../kubernetes/client.js';
import type { Resource } from '../kubernetes/resource.js';
import { StatusWriter } from './status-writer.js';

interface Thing extends KubernetesObject {
  status?: { phase?: string; note?: string };
}

const THINGS: Resource<Thing> = { group: 'example.com', version: 'v1', plural: 'things', kind: 'Thing' };
const signal = new AbortController().signal;

function thing(status?: Thing['status']): Thing {
  return {
    apiVersion: 'example.com/v1',
    kind: 'Thing',
    metadata: {
      name: 'one',
      namespace: 'team-a',
      uid: 'uid-1',
      resourceVersion: '41',
      creationTimestamp: '2026-01-13T09:00:00Z',
    },
    ...(status === undefined ? {} : { status }),
  };
}

function setUp() {
  const mergePatch = jest.fn<(...args: unknown[]) => Promise<Thing>>();
  return { mergePatch, writer: new StatusWriter({ mergePatch } as unknown as KubernetesClient) };
}

function refusal(code: number, reason: string): ApiError {
  return new ApiError({ method: 'PATCH', target: 'things/status team-a/one', code, reason });
}

describe('StatusWriter', () => {
  it('patches the status subresource with the resourceVersion and uid that were read', async () => {
    const { writer, mergePatch } = setUp();
    const written = thing({ phase: 'Running' });
    mergePatch.mockResolvedValue(written);
    const result = await writer.write(THINGS, thing({ phase: 'Pending', note: 'old' }), { phase: 'Running' }, signal);
    expect(result).toBe(written);
    expect(mergePatch).toHaveBeenCalledWith(
      THINGS,
      'team-a',
      'one',
      { metadata: { uid: 'uid-1', resourceVersion: '41' }, status: { phase: 'Running', note: null } },
      { subresource: 'status' },
      signal,
    );
  });

  it('sends nothing when the status already says so', async () => {
    const { writer, mergePatch } = setUp();
    await expect(
      writer.write(THINGS, thing({ phase: 'Running' }), { phase: 'Running' }, signal),
    ).resolves.toBeUndefined();
    expect(mergePatch).not.toHaveBeenCalled();
  });

  it('takes an object that is gone for written: there is nobody left to tell', async () => {
    const { writer, mergePatch } = setUp();
    mergePatch.mockRejectedValue(refusal(404, 'NotFound'));
    await expect(writer.write(THINGS, thing(), { phase: 'Running' }, signal)).resolves.toBeUndefined();
  });

  it.each([
    ['a conflict', refusal(409, 'Conflict')],
    ['an overloaded server', refusal(429, 'TooManyRequests')],
    ['a rejected status', refusal(422, 'Invalid')],
  ])('passes on %s for the outcome table', async (_, error) => {
    const { writer, mergePatch } = setUp();
    mergePatch.mockRejectedValue(error);
    await expect(writer.write(THINGS, thing(), { phase: 'Running' }, signal)).rejects.toBe(error);
  });
});
