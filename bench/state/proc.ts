import { readFile } from 'node:fs/promises';

/** Linux counts processor time in these, on every architecture that Node supports. */
const TICKS_PER_SECOND = 100;
/** Places in /proc/<pid>/stat after the name of the program, which can hold spaces (proc_pid_stat(5)). */
const UTIME = 11;
const STIME = 12;

export interface ProcessMemory {
  readonly rss: number;
  /** The most it ever was. */
  readonly peakRss: number;
}

/** Bytes; see proc_pid_status(5). */
export async function processMemory(pid: number): Promise<ProcessMemory> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const bytes = (name: string): number => {
    const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
    if (found === undefined) throw new Error(`/proc/${pid}/status has no ${name}`);
    return Number(found) * 1024;
  };
  return { rss: bytes('VmRSS'), peakRss: bytes('VmHWM') };
}

/** User and system time that a process has used. */
export async function processCpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[UTIME]) + Number(fields[STIME])) / TICKS_PER_SECOND;
}
