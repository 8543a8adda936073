import { listAll } from './list-all.js';
import { ApiError } from './api-error.js';
import { CONFIG_MAPS } from './resource.js';
import type { TransportRequest } from './transport.js';
import type { ConfigMap } from './wire.js';

const gone = new ApiError({ method: 'GET', target: 'configmaps a', code: 410, reason: 'Expired' });
const item = (name: string): object => ({ metadata: { name } });

/** Gives one answer after another and keeps the queries. */
function transportOf(...answers: (object | Error)[]) {
  const queries: TransportRequest['query'][] = [];
  const request = (asked: TransportRequest): Promise<unknown> => {
    queries.push(asked.query);
    const answer = answers.shift();
    if (answer === undefined) return Promise.reject(new Error('unexpected request'));
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  return { request, queries };
}

const list = (transport: ReturnType<typeof transportOf>) =>
  listAll(transport, CONFIG_MAPS, 'a', { labelSelector: 'x=y' }, new AbortController().signal);

describe('listAll', () => {
  it('follows continue and never sets a resourceVersion', async () => {
    const transport = transportOf(
      { metadata: { resourceVersion: '7', continue: 'next' }, items: [item('one')] },
      { metadata: { resourceVersion: '7' }, items: [item('two')] },
    );
    const result = await list(transport);
    expect(result.items.map(({ metadata }) => metadata.name)).toEqual(['one', 'two']);
    expect(result.resourceVersion).toBe('7');
    expect(transport.queries).toEqual([
      { labelSelector: 'x=y', limit: '500' },
      { labelSelector: 'x=y', limit: '500', continue: 'next' },
    ]);
  });

  it('names the kind, which lists of built-in kinds leave out', async () => {
    const { items } = await list(transportOf({ metadata: { resourceVersion: '7' }, items: [item('one')] }));
    expect(items[0]).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' });
  });

  it('prepares each page before it reads the next one', async () => {
    const seen: string[] = [];
    const answers = [
      { metadata: { resourceVersion: '7', continue: 'next' }, items: [item('one'), item('two')] },
      { metadata: { resourceVersion: '7' }, items: [item('three')] },
    ];
    const request = (): Promise<unknown> => {
      seen.push('request');
      return Promise.resolve(answers.shift());
    };
    const prepare = (map: ConfigMap): ConfigMap => {
      seen.push(`${map.kind} ${map.metadata.name}`);
      return { ...map, data: { prepared: 'yes' } };
    };
    const { items } = await listAll({ request }, CONFIG_MAPS, 'a', {}, new AbortController().signal, prepare);
    expect(seen).toEqual(['request', 'ConfigMap one', 'ConfigMap two', 'request', 'ConfigMap three']);
    expect(items.every(({ data }) => data?.prepared === 'yes')).toBe(true);
  });

  it('takes no items for an empty list', async () => {
    expect((await list(transportOf({ metadata: { resourceVersion: '7' }, items: null }))).items).toEqual([]);
  });

  it('reads everything again in one answer when the continue token has expired', async () => {
    const transport = transportOf(
      { metadata: { resourceVersion: '7', continue: 'next' }, items: [item('old')] },
      gone,
      {
        metadata: { resourceVersion: '9' },
        items: [item('new')],
      },
    );
    const result = await list(transport);
    expect(result.items.map(({ metadata }) => metadata.name)).toEqual(['new']);
    expect(result.resourceVersion).toBe('9');
    expect(transport.queries[2]).toEqual({ labelSelector: 'x=y' });
  });

  it('takes an answer that is no list for an error, not for an empty list', async () => {
    await expect(list(transportOf({}))).rejects.toMatchObject({ reason: 'InvalidResponse' });
  });

  it('passes on every other error', async () => {
    const broken = new ApiError({ method: 'GET', target: 'configmaps a', code: 500, reason: 'InternalError' });
    const transport = transportOf({ metadata: { resourceVersion: '7', continue: 'next' }, items: [] }, broken);
    await expect(list(transport)).rejects.toBe(broken);
  });
});
