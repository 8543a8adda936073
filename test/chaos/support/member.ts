import { ControlPlane } from '../../support/control-plane.js';
import type { FaultProxy } from '../../support/fault-proxy/fault-proxy.js';

/** The last words of a process that lost the Lease: the one way to end that nobody asked for. */
const LOST = 'leadership is lost: the process ends';
const HEALED = 'the resync found what no event had told';

/** Settings that make what takes minutes in production take seconds, and no run wait for another unless a test is about that. */
const QUICK = {
  JANGAR_RUNNER_IMAGE: 'registry.example/agent-runner:1',
  JANGAR_BACKOFF_MAX_MS: '2000',
  JANGAR_RECONCILE_TIMEOUT_SECONDS: '5',
  JANGAR_SHUTDOWN_GRACE_SECONDS: '2',
  JANGAR_RUN_RETRY_BACKOFF_SECONDS: '1',
  JANGAR_MAX_CONCURRENT_RUNS: '1000',
  JANGAR_MAX_CONCURRENT_RUNS_PER_NAMESPACE: '1000',
  JANGAR_MAX_CONCURRENT_RUNS_PER_AGENT: '1000',
};

export interface MemberOptions {
  readonly proxy: FaultProxy;
  readonly namespace: string;
  readonly name: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** One replica of the control plane behind a proxy of its own: the process of now, and what its predecessors left. */
export class Member {
  readonly proxy: FaultProxy;
  readonly name: string;
  readonly violations: string[] = [];
  /** What only the resync had found, as the log has it. */
  readonly healed: string[] = [];
  readonly #options: MemberOptions;
  #process: ControlPlane | undefined;
  #ended: Promise<void> = Promise.resolve();
  #frozen = false;
  #asked: NodeJS.Signals | undefined;

  constructor(options: MemberOptions) {
    this.proxy = options.proxy;
    this.name = options.name;
    this.#options = options;
  }

  get isRunning(): boolean {
    return this.#process !== undefined;
  }

  get isFrozen(): boolean {
    return this.#frozen;
  }

  async start(): Promise<void> {
    const { proxy, namespace, name, env = {} } = this.#options;
    const process = await ControlPlane.start({
      KUBECONFIG: proxy.kubeconfigPath,
      JANGAR_NAMESPACE: namespace,
      POD_NAME: name,
      ...QUICK,
      ...env,
    });
    this.#process = process;
    this.#asked = undefined;
    this.#ended = process.exited().then((code) => this.#autopsy(process, code));
  }

  /** SIGSTOP: it stands still in the middle of whatever it does. */
  freeze(): void {
    this.#frozen = true;
    this.#process?.send('SIGSTOP');
  }

  thaw(): void {
    this.#frozen = false;
    this.#process?.send('SIGCONT');
  }

  /** Ends it with a signal and waits until it is gone. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    if (this.#process === undefined) return;
    this.#asked ??= signal;
    if (signal === 'SIGTERM') this.thaw();
    this.#process.send(signal);
    await this.#ended;
  }

  /** Resolves once the process of now has ended, whatever ended it. */
  ended(): Promise<void> {
    return this.#ended;
  }

  /** @throws while it is not ready */
  async ready(): Promise<void> {
    const answer = await this.#process?.get('/readyz');
    if (answer?.status !== 200) throw new Error(`${this.name} is not ready`);
  }

  #autopsy(process: ControlPlane, code: number | NodeJS.Signals): void {
    this.#process = undefined;
    this.#frozen = false;
    const lines = process.lines;
    const loud = lines.filter(({ level, msg }) => (level === 'error' || level === 'fatal') && msg !== LOST);
    for (const line of loud) this.violations.push(`${this.name} logged ${JSON.stringify(line)}`);
    if (process.stderr !== '') this.violations.push(`${this.name} wrote to stderr: ${process.stderr.slice(0, 2000)}`);
    this.healed.push(...lines.filter(({ msg }) => msg === HEALED).map((line) => JSON.stringify(line)));
    if (code === this.#asked || (this.#asked === 'SIGTERM' && code === 0)) return;
    if (code === 1 && lines.at(-1)?.msg === LOST) return;
    const asked = this.#asked === undefined ? 'unasked' : `asked by ${this.#asked}`;
    this.violations.push(`${this.name} ended with ${code}, ${asked}; last: ${JSON.stringify(lines.slice(-3))}`);
  }
}
