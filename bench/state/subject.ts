import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../../test/support/api-server/free-port.js';
import { type ProcessMemory, processCpuSeconds, processMemory } from './proc.js';

/** As the image starts it (Dockerfile). */
const NODE_OPTIONS = ['--optimize-for-size', '--max-semi-space-size=16'];
const PROGRAM = 'dist/bundle/jangar.mjs';
const PROBE = 'bench/state/heap-probe.mjs';
const POLL_MS = 20;
/** Nothing came for this long: whatever was on its way has arrived. */
const QUIET_MS = 1000;
const QUIET_POLL_MS = 100;
const SELDOM_MS = 2000;
const DEADLINE_MS = 300_000;
const OUTPUT_TAIL = 4000;
const PASSES = 'jangar_reconcile_total';

export interface HeapUse {
  readonly heapUsed: number;
  readonly external: number;
}

/** A control plane in the form that the image ships, as a process of its own. Whoever starts it ends it. */
export class Subject {
  readonly #child: ChildProcess;
  readonly #url: string;
  readonly #startedMs = performance.now();
  #output = '';

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.#url = `http://127.0.0.1:${port}`;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => (this.#output = (this.#output + chunk.toString()).slice(-OUTPUT_TAIL)));
    }
  }

  static async start(env: Readonly<Record<string, string>>): Promise<Subject> {
    const port = await freePort();
    const child = spawn(process.execPath, [...NODE_OPTIONS, '--import', `./${PROBE}`, PROGRAM], {
      env: { JANGAR_HTTP_PORT: String(port), JANGAR_RUNNER_IMAGE: 'registry.example/agent-runner:1', ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    return new Subject(child, port);
  }

  /** Milliseconds from the start of the process until `/readyz` answered with 200. */
  async ready(): Promise<number> {
    return this.#until('ready', POLL_MS, async () => (await fetch(`${this.#url}/readyz`)).status === 200);
  }

  /** Milliseconds from its start until so many passes over runs had ended, and none came any more. */
  async settled(passes: number): Promise<number> {
    let last = { passes: -1, atMs: 0 };
    await this.#until('settled', QUIET_POLL_MS, async () => {
      const metrics = await this.metrics();
      const now = metrics.total(PASSES, 'agent-run');
      if (now !== last.passes) last = { passes: now, atMs: performance.now() };
      const quiet = performance.now() - last.atMs >= QUIET_MS && metrics.total('jangar_workqueue_depth') === 0;
      return quiet && now >= passes;
    });
    return last.atMs - this.#startedMs;
  }

  /** Resolves once so many passes over runs had ended; asks seldom, since each answer takes processor time. */
  async passed(passes: number): Promise<void> {
    await this.#until('done with its passes', SELDOM_MS, async () => (await this.passes()) >= passes);
  }

  /** Passes over runs since its start. */
  async passes(): Promise<number> {
    return (await this.metrics()).total(PASSES, 'agent-run');
  }

  async metrics(): Promise<Metrics> {
    return new Metrics(await (await fetch(`${this.#url}/metrics`)).text());
  }

  /** After a full collection. */
  async heap(): Promise<HeapUse> {
    const answer = once(this.#child, 'message');
    this.#child.send('heap');
    const [use] = (await answer) as [HeapUse];
    return use;
  }

  async memory(): Promise<ProcessMemory> {
    return processMemory(this.#pid());
  }

  /** Since its start, user and system. */
  async cpuSeconds(): Promise<number> {
    return processCpuSeconds(this.#pid());
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await ended;
  }

  #pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error('the control plane did not start');
    return pid;
  }

  async #until(what: string, everyMs: number, holds: () => Promise<boolean>): Promise<number> {
    const deadline = performance.now() + DEADLINE_MS;
    while (performance.now() < deadline) {
      if (this.#child.exitCode !== null) break;
      if (await holds().catch(() => false)) return performance.now() - this.#startedMs;
      await pause(everyMs);
    }
    const health = await fetch(`${this.#url}/healthz`).then((answer) => answer.text(), String);
    throw new Error(`the control plane was not ${what}; its health: ${health}\nit said:\n${this.#output}`);
  }
}

/** What `/metrics` said, in the text format of Prometheus. */
export class Metrics {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** Sum over the series of a metric, of one reconciler when it is named. */
  total(metric: string, reconciler?: string): number {
    const series = this.#text.split('\n').filter((line) => line.startsWith(`${metric}{`));
    const wanted = reconciler === undefined ? series : series.filter((line) => line.includes(`"${reconciler}"`));
    return wanted.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  }
}
