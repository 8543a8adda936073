import { setTimeout as pause } from 'node:timers/promises';
import { installCrds } from '../../test/support/api-server.shared.js';
import { type ApiServer, startApiServer } from '../../test/support/api-server.js';
import { clones, type Family } from './clone.js';
import { store } from './etcd.js';
import { NAMESPACE } from './manifests.js';
import { idle, type Idle, resync, type Resync, writesSince } from './measure.js';
import { original, prepare } from './original.js';
import type { ProcessMemory } from './proc.js';
import { type HeapUse, Subject } from './subject.js';

/** The two runs that the others are made from. */
const ORIGINALS = 2;
/** V8 collects what the start has left within this time; until then the process is not idle. */
const COLLECTING_SECONDS = 20;
const MARGIN_SECONDS = 10;

export interface Size {
  readonly finished: number;
  readonly live: number;
  readonly idleSeconds: number;
}

export interface StateResult {
  readonly size: Size;
  /** After a full collection: with two runs, with the finished ones too, with all. */
  readonly heap: { readonly empty: HeapUse; readonly finished: HeapUse; readonly all: HeapUse };
  /** Everything but Leases that was written while the state came in. */
  readonly writesWhileLoading: readonly string[];
  /** Of a new process that finds all of it: milliseconds from its start, and what it wrote until it was idle. */
  readonly start: { readonly readyMs: number; readonly settledMs: number; readonly writes: readonly string[] };
  readonly memory: ProcessMemory;
  readonly idle: Idle;
  readonly resync: Resync;
  /** Of that process, after a full collection. */
  readonly heapAtEnd: HeapUse;
}

/** Measures a control plane with many runs: first one that sees them come, then one that finds them at its start. */
export async function measureState(size: Size): Promise<StateResult> {
  const server = await startApiServer();
  try {
    await installCrds(server);
    await prepare(server);
    const growth = await whileTheyCome(server, size);
    return { size, ...growth, ...(await foundAtTheStart(server, size)) };
  } finally {
    await server.stop();
  }
}

async function whileTheyCome(server: ApiServer, size: Size) {
  const subject = await startSubject(server);
  try {
    await subject.ready();
    const finished = await original(server, nameOf('finished', 0), 'Succeeded');
    const live = await original(server, nameOf('live', 0), 'Running');
    await subject.settled(ORIGINALS);
    const from = new Date();
    const empty = await subject.heap();
    await load(server, subject, finished, 'finished', size.finished);
    const withFinished = await subject.heap();
    await load(server, subject, live, 'live', size.live);
    const all = await subject.heap();
    return { heap: { empty, finished: withFinished, all }, writesWhileLoading: await writesSince(server, from) };
  } finally {
    await subject.stop();
  }
}

async function foundAtTheStart(server: ApiServer, size: Size) {
  const runs = size.finished + size.live + ORIGINALS;
  // The first one comes when the idle time is over.
  const resyncSeconds = COLLECTING_SECONDS + size.idleSeconds + MARGIN_SECONDS;
  const from = new Date();
  const subject = await startSubject(server, { JANGAR_RESYNC_SECONDS: String(resyncSeconds) });
  try {
    const readyMs = await subject.ready();
    const settledMs = await subject.settled(runs);
    await pause(COLLECTING_SECONDS * 1000);
    const start = { readyMs, settledMs, writes: await writesSince(server, from) };
    const quiet = await idle(server, subject, size.idleSeconds);
    const resynced = await resync(server, subject, runs, quiet);
    // Before the collection that the look at the heap begins with.
    const memory = await subject.memory();
    return { start, idle: quiet, resync: resynced, memory, heapAtEnd: await subject.heap() };
  } finally {
    await subject.stop();
  }
}

function startSubject(server: ApiServer, more: Readonly<Record<string, string>> = {}): Promise<Subject> {
  const { kubeconfigPath } = server;
  return Subject.start({ KUBECONFIG: kubeconfigPath, JANGAR_NAMESPACE: NAMESPACE, POD_NAME: 'bench', ...more });
}

async function load(server: ApiServer, subject: Subject, family: Family, kind: string, count: number): Promise<void> {
  const before = await subject.passes();
  await store(
    server.etcdUrl,
    clones(family, count, (index) => nameOf(kind, index + 1)),
  );
  await subject.settled(before + count);
}

function nameOf(kind: string, index: number): string {
  return `${kind}-${String(index).padStart(6, '0')}`;
}
