import { describe, expect, it } from '@jest/globals';
import { rows, table } from './report.js';
import type { StateResult } from './state.js';

const KIB = 1024;
const MIB = 1024 * KIB;

function aResult(more: Partial<StateResult> = {}): StateResult {
  const heap = (heapUsed: number) => ({ heapUsed, external: 0 });
  return {
    size: { finished: 10, live: 2, idleSeconds: 60 },
    heap: { empty: heap(40 * MIB), finished: heap(40 * MIB + 60 * KIB), all: heap(40 * MIB + 80 * KIB) },
    writesWhileLoading: [],
    start: { readyMs: 1500, settledMs: 2000, writes: [] },
    idle: { seconds: 60, cpuPercent: 0.5, passes: 0, writes: [] },
    resync: { cpuSeconds: 1.25, passes: 12, healed: 0, writes: [] },
    memory: { rss: 200 * MIB, peakRss: 250 * MIB },
    heapAtEnd: heap(44 * MIB),
    ...more,
  };
}

const missed = (result: StateResult) =>
  rows(result)
    .filter(({ reached }) => reached === false)
    .map(({ what }) => what);

describe('the report', () => {
  it('says what a run of each kind takes', () => {
    expect(rows(aResult()).slice(0, 2)).toMatchObject([
      { figure: '6 KiB', goal: '≤ 10 KiB', reached: true },
      { figure: '10 KiB', goal: '≤ 25 KiB', reached: true },
    ]);
    expect(missed(aResult())).toEqual([]);
  });

  it.each<[string, Partial<StateResult>]>([
    ['RSS with all of them', { memory: { rss: 351 * MIB, peakRss: 400 * MIB } }],
    [
      'writes at the start, without those of the Lease',
      { start: { readyMs: 1, settledMs: 2, writes: ['patch agentruns/status a'] } },
    ],
    ['idle processor time over 60 s, of one core', { idle: { seconds: 60, cpuPercent: 1.1, passes: 0, writes: [] } }],
    [
      'writes in that time, without those of the Lease',
      { idle: { seconds: 60, cpuPercent: 0, passes: 0, writes: ['patch agentruns/status a'] } },
    ],
    ['writes in it, without those of the Lease', { resync: { cpuSeconds: 1, passes: 12, healed: 1, writes: [] } }],
    ['writes while the state came in', { writesWhileLoading: ['create jobs a'] }],
  ])('says that a goal is missed: %s', (what, more) => {
    expect(missed(aResult(more))).toEqual([what]);
  });

  it('is a table of Markdown that says on what it was measured', () => {
    const lines = table(aResult(), { cores: 2, memoryGiB: 24, node: 'v24.21.0' }).split('\n');
    expect(lines[0]).toBe('10 finished and 2 live runs; 2 cores, 24 GiB, Node v24.21.0');
    expect(lines).toContain('| RSS with all of them | 200 MiB | ≤ 350 MiB | reached |');
  });
});
