import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { ApiServer } from '../../test/support/api-server.js';
import { writesOf } from '../../test/support/audit.js';
import type { AuditEvent } from '../../test/support/cluster.js';
import type { Subject } from './subject.js';

/** Everything talks to the server as this user; once the state is there, only the control plane does. */
const USER = 'admin';

/** What a control plane did in a span in which nothing happened. */
export interface Idle {
  readonly seconds: number;
  /** Of one processor. */
  readonly cpuPercent: number;
  /** Passes over runs: what a timer or the resync asked for. */
  readonly passes: number;
  readonly writes: readonly string[];
}

export async function idle(server: ApiServer, subject: Subject, seconds: number): Promise<Idle> {
  const from = new Date();
  const passes = await subject.passes();
  const cpu = await subject.cpuSeconds();
  await pause(seconds * 1000);
  const used = (await subject.cpuSeconds()) - cpu;
  return {
    seconds,
    cpuPercent: (used / seconds) * 100,
    passes: (await subject.passes()) - passes,
    writes: await writesSince(server, from),
  };
}

/** What one resync takes: the comparison with the API server, and a pass over each run. */
export interface Resync {
  /** Processor time beyond what the same span takes when nothing happens. */
  readonly cpuSeconds: number;
  readonly passes: number;
  /** Passes that found something to write: each a change that was missed. */
  readonly healed: number;
  readonly writes: readonly string[];
}

/** From now until the next resync has come to each of so many runs. */
export async function resync(server: ApiServer, subject: Subject, runs: number, quiet: Idle): Promise<Resync> {
  const from = new Date();
  const before = await subject.passes();
  const cpu = await subject.cpuSeconds();
  await subject.passed(before + runs);
  const cpuSeconds = (await subject.cpuSeconds()) - cpu;
  const seconds = (Date.now() - from.getTime()) / 1000;
  const metrics = await subject.metrics();
  return {
    cpuSeconds: cpuSeconds - (seconds * quiet.cpuPercent) / 100,
    passes: (await subject.passes()) - before,
    healed: metrics.total('jangar_resync_healed_total'),
    writes: await writesSince(server, from),
  };
}

/** All writes since then but those of Leases, as `verb resource name`. */
export async function writesSince(server: ApiServer, from: Date): Promise<readonly string[]> {
  const lines = (await readFile(server.auditLogPath, 'utf8')).split('\n').filter((line) => line !== '');
  const events = lines.map((line) => JSON.parse(line) as AuditEvent);
  return writesOf(USER, { from, to: new Date() }, events).filter((write) => !/^\w+ leases /.test(write));
}
