import { LABELS } from '../../src/api/meta/labels.js';
import type { KubernetesObject } from '../../src/api/meta/object.js';
import type { StoredVersion } from '../support/etcd-history.js';
import { type Life, LivesOf } from './support/lives.js';
import { mostAtOnce, overlaps, spanOf } from './support/spans.js';

const DONE = { conditions: [{ type: 'Complete', status: 'True' }] };
const OVER = { phase: 'Failed' };

const STORED = { namespace: 'n', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };

/** An object of the one run, in one version for each pair of a revision and a status; `gone` deletes it. */
function aLife(kind: 'Job' | 'Pod', attempt: number, ...steps: readonly [number, object | 'gone'][]): Life {
  const uid = `${kind}-${attempt}`;
  const labels = { [LABELS.agentRunUid]: 'run', [LABELS.attempt]: String(attempt) };
  return steps.map(([modRevision, status]): StoredVersion => {
    const metadata = { ...STORED, name: uid, uid, labels };
    const object: KubernetesObject = { apiVersion: 'v1', kind, metadata, ...(status !== 'gone' && { status }) };
    const type = status === 'gone' ? 'delete' : 'put';
    return { type, object, modRevision, createRevision: steps[0]![0], atMs: modRevision * 1000 };
  });
}

function overlapsOf(jobs: readonly Life[], pods: readonly Life[]): string[] {
  const stored: Readonly<Record<string, StoredVersion[]>> = { jobs: jobs.flat(), pods: pods.flat() };
  const run = { apiVersion: 'v1', kind: 'AgentRun', metadata: { ...STORED, name: 'fix', uid: 'run' } };
  const life: Life = [{ type: 'put', object: run, modRevision: 1, createRevision: 1, atMs: 0 }];
  return overlaps(new LivesOf({ versions: (resource) => stored[resource] ?? [] }, 'n'), life);
}

describe('what is counted from the history of a cluster', () => {
  it.each<[string, Life, from: number, to: number]>([
    ['a Job lives until its verdict', aLife('Job', 1, [2, {}], [5, DONE], [9, 'gone']), 2, 5],
    ['a Job that is deleted before', aLife('Job', 1, [2, {}], [4, 'gone']), 2, 4],
    ['a pod lives until it is over', aLife('Pod', 1, [2, { phase: 'Running' }], [3, OVER], [9, 'gone']), 2, 3],
    ['what has not ended', aLife('Pod', 1, [2, { phase: 'Running' }]), 2, Infinity],
  ])('%s', (_name, life, from, to) => {
    expect(spanOf(life)).toMatchObject({ from, to });
  });

  it('the most at once: what ends in a revision makes room for what begins in it', () => {
    const spans = [
      { from: 1, to: 4 },
      { from: 2, to: 3 },
      { from: 3, to: Infinity },
      { from: 4, to: 5 },
    ];
    expect([mostAtOnce(spans), mostAtOnce([])]).toEqual([2, 0]);
    expect(mostAtOnce([...spans, { from: 2, to: 9 }])).toBe(3);
  });

  it.each<[string, Life[], Life[], RegExp | undefined]>([
    [
      'attempts one after the other are as they should be',
      [aLife('Job', 1, [2, {}], [5, DONE]), aLife('Job', 2, [5, {}], [8, DONE])],
      [aLife('Pod', 1, [3, {}], [4, OVER]), aLife('Pod', 2, [6, {}], [7, OVER])],
      undefined,
    ],
    [
      'a Job that is made before the last one is over',
      [aLife('Job', 1, [2, {}], [5, DONE]), aLife('Job', 2, [4, {}], [8, DONE])],
      [],
      /attempt 2 began at revision 4, 1 lived until 5/,
    ],
    [
      'a pod that outlives its Job, and the Job of the next attempt',
      [aLife('Job', 1, [2, {}], [4, 'gone']), aLife('Job', 2, [5, {}], [8, DONE])],
      [aLife('Pod', 1, [3, { phase: 'Running' }])],
      /attempt 2 began at revision 5, 1 lived for ever/,
    ],
  ])('%s', (_name, jobs, pods, expected) => {
    const found = overlapsOf(jobs, pods);
    if (expected === undefined) expect(found).toEqual([]);
    else expect(found).toEqual([expect.stringMatching(expected)]);
  });
});
