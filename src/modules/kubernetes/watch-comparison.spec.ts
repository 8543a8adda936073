import { FakeClock } from '../../../test/support/fake-clock.js';
import type { KubernetesObject } from '../../api/meta/object.js';
import { CONFIG_MAPS } from './resource.js';
import type { TransportRequest } from './transport.js';
import { type ComparedWatch, missedKeys } from './watch-comparison.js';

function object(name: string, uid: string, resourceVersion: string): KubernetesObject {
  const metadata = { name, namespace: 'a', uid, resourceVersion, creationTimestamp: '2026-01-13T09:00:00Z' };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata };
}

/** A cache and how far its watch is, as the test sets them, and the list that the server gives. */
function setUp(told: string | undefined, cached: KubernetesObject[], listed: KubernetesObject[], listVersion = '20') {
  const clock = new FakeClock();
  const state = { told, cached };
  const requests: TransportRequest[] = [];
  const watch: ComparedWatch = {
    resource: CONFIG_MAPS,
    namespace: 'a',
    labelSelector: 'ours',
    cached: () => state.cached,
    cachedOf: ({ name }) => state.cached.find(({ metadata }) => metadata.name === name),
    toldUpTo: () => state.told,
  };
  const transport = {
    request: (request: TransportRequest) => {
      requests.push(request);
      return Promise.resolve({ metadata: { resourceVersion: listVersion }, items: structuredClone(listed) });
    },
  };
  const stop = new AbortController();
  const result: { missed?: string[] } = {};
  const compared = missedKeys(watch, { transport, clock }, stop.signal).then((keys) => (result.missed = [...keys]));
  return { clock, state, requests, stop, result, compared };
}

const one = (version: string): KubernetesObject => object('one', 'u1', version);

describe('a comparison of a cache with the API server', () => {
  it('asks for versions alone, with the selector of the watch', async () => {
    const { requests, compared } = setUp('9', [one('9')], [one('9')]);
    expect(await compared).toEqual([]);
    expect(requests).toMatchObject([
      {
        path: '/api/v1/namespaces/a/configmaps',
        query: { labelSelector: 'ours', limit: '500' },
        accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
      },
    ]);
  });

  it.each([
    { what: 'a change', cached: [one('9')], listed: [one('12')], told: '15', missed: ['a/one'] },
    { what: 'a creation', cached: [], listed: [one('12')], told: '15', missed: ['a/one'] },
    { what: 'a deletion', cached: [one('9')], listed: [], told: '25', missed: ['a/one'] },
    {
      what: 'a deletion and a creation under the same name',
      cached: [one('9')],
      listed: [object('one', 'u2', '12')],
      told: '15',
      missed: ['a/one'],
    },
  ])('finds $what that the watch is past and has not told', async ({ cached, listed, told, missed }) => {
    expect(await setUp(told, cached, listed).compared).toEqual(missed);
  });

  it.each([
    { what: 'is as listed', cached: [one('12')], listed: [one('12')], told: '30' },
    { what: 'changed after the list', cached: [one('22')], listed: [one('12')], told: '30' },
    { what: 'was made anew after the list', cached: [object('one', 'u2', '22')], listed: [one('12')], told: '30' },
    { what: 'was created after the list', cached: [one('22')], listed: [], told: '30' },
    { what: 'may have been deleted after the list', cached: [], listed: [one('12')], told: '30' },
    { what: 'has a version that is no number', cached: [one('x')], listed: [one('y')], told: '30' },
  ])('finds nothing in an object that $what', async ({ cached, listed, told }) => {
    expect(await setUp(told, cached, listed).compared).toEqual([]);
  });

  it('says nothing when versions of the list are no numbers', async () => {
    expect(await setUp('9', [], [one('9')], 'opaque').compared).toEqual([]);
  });

  it('waits for a change that is on its way, and lets it come', async () => {
    const { clock, state, result } = setUp('9', [one('9')], [one('12')]);
    await clock.advance(5000);
    expect(result.missed).toBeUndefined();
    state.cached = [one('12')];
    state.told = '12';
    await clock.advance(1000);
    expect(result.missed).toEqual([]);
  });

  it('waits until the watch is past a change, and finds it missing then', async () => {
    const { clock, state, result } = setUp('9', [one('9'), object('two', 'u2', '8')], [one('12')]);
    await clock.advance(5000);
    expect(result.missed).toBeUndefined();
    state.told = '20';
    await clock.advance(1000);
    expect(result.missed).toEqual(['a/one', 'a/two']);
  });

  it('waits while the watch is to list', async () => {
    const { clock, state, result } = setUp(undefined, [one('9')], [one('12')]);
    await clock.advance(5000);
    expect(result.missed).toBeUndefined();
    state.cached = [one('12')];
    state.told = '20';
    await clock.advance(1000);
    expect(result.missed).toEqual([]);
  });

  it('gives up on a watch that says nothing more: its silence is found elsewhere', async () => {
    const { clock, result } = setUp('9', [one('9')], [one('12')]);
    await clock.advance(180_000);
    expect(result.missed).toEqual([]);
    expect(clock.pending()).toEqual([]);
  });

  it('ends with its signal', async () => {
    const { clock, stop, compared } = setUp('9', [one('9')], [one('12')]);
    await clock.advance(500);
    stop.abort();
    expect(await compared).toEqual([]);
    expect(clock.pending()).toEqual([]);
  });
});
