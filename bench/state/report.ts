import { cpus, totalmem } from 'node:os';
import type { StateResult } from './state.js';

/** Facts of the machine that figures depend on; nothing that names it. */
export interface Machine {
  readonly cores: number;
  readonly memoryGiB: number;
  readonly node: string;
}

export interface Row {
  readonly what: string;
  readonly figure: string;
  readonly goal: string;
  readonly reached: boolean | undefined;
}

const KIB = 1024;
const MIB = 1024 * KIB;

export function machine(): Machine {
  return { cores: cpus().length, memoryGiB: Math.round(totalmem() / (1024 * MIB)), node: process.version };
}

/** The figures beside their goals. */
export function rows(result: StateResult): Row[] {
  const { size, heap, writesWhileLoading, start, memory, idle, resync, heapAtEnd } = result;
  const perFinished = (heap.finished.heapUsed - heap.empty.heapUsed) / size.finished;
  const perLive = (heap.all.heapUsed - heap.finished.heapUsed) / size.live;
  return [
    atMost('heap per finished run, with its Job and pod', perFinished / KIB, 10, 'KiB'),
    atMost('heap per live run, with its Job and pod', perLive / KIB, 25, 'KiB'),
    atMost('RSS with all of them', memory.rss / MIB, 350, 'MiB'),
    figure('peak RSS, from the start on', `${Math.round(memory.peakRss / MIB)} MiB`),
    figure('heap in use after a collection', `${Math.round(heapAtEnd.heapUsed / MIB)} MiB`),
    figure('start to ready', `${(start.readyMs / 1000).toFixed(1)} s`),
    figure('start to the end of the first pass over each run', `${(start.settledMs / 1000).toFixed(1)} s`),
    atMost('writes at the start, without those of the Lease', start.writes.length, 0, ''),
    atMost(`idle processor time over ${idle.seconds} s, of one core`, idle.cpuPercent, 1, '%'),
    figure('passes over runs in that time', String(idle.passes)),
    atMost('writes in that time, without those of the Lease', idle.writes.length, 0, ''),
    figure('processor time of one resync', `${resync.cpuSeconds.toFixed(1)} s`),
    figure('passes over runs in it', String(resync.passes)),
    atMost('writes in it, without those of the Lease', resync.writes.length + resync.healed, 0, ''),
    atMost('writes while the state came in', writesWhileLoading.length, 0, ''),
  ];
}

function atMost(what: string, value: number, goal: number, unit: string): Row {
  const shown = Number.isInteger(value) ? String(value) : value.toFixed(value < 100 ? 1 : 0);
  return { what, figure: `${shown} ${unit}`.trim(), goal: `≤ ${goal} ${unit}`.trim(), reached: value <= goal };
}

function figure(what: string, text: string): Row {
  return { what, figure: text, goal: '', reached: undefined };
}

/** A table in Markdown. */
export function table(result: StateResult, { cores, memoryGiB, node }: Machine): string {
  const { finished, live } = result.size;
  const lines = rows(result).map(({ what, figure: text, goal, reached }) => {
    const verdict = reached === undefined ? '' : reached ? 'reached' : 'missed';
    return `| ${what} | ${text} | ${goal} | ${verdict} |`;
  });
  return [
    `${finished} finished and ${live} live runs; ${cores} cores, ${memoryGiB} GiB, Node ${node}`,
    '',
    '| | measured | goal | |',
    '| --- | --- | --- | --- |',
    ...lines,
    '',
  ].join('\n');
}
