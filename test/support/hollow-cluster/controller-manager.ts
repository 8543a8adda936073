import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiServerHandle } from '../api-server.js';
import { binary } from '../api-server/binaries.js';
import { flags } from '../api-server/flags.js';
import { ServerProcess } from '../api-server/server-process.js';

/** What a namespace with runs needs of it; the rest would only take processor time. */
const CONTROLLERS = ['job', 'garbage-collector', 'pod-garbage-collector', 'namespace', 'serviceaccount'];

/** The real kube-controller-manager. */
export class ControllerManager {
  readonly #spawn: () => ServerProcess;
  readonly #directory: string;
  #process: ServerProcess;

  private constructor(spawn: () => ServerProcess, directory: string) {
    this.#spawn = spawn;
    this.#directory = directory;
    this.#process = spawn();
  }

  /** Once the CRDs are there: the garbage collector learns the kinds of owners at its start. */
  static async start({ kubeconfigPath }: ApiServerHandle): Promise<ControllerManager> {
    const directory = await mkdtemp(join(tmpdir(), 'jangar-controller-manager-'));
    const args = flags({
      kubeconfig: kubeconfigPath,
      controllers: CONTROLLERS.map((name) => `${name}-controller`).join(','),
      'leader-elect': 'false',
      'secure-port': '0',
      // Its own client limits would allow three Jobs a second.
      'kube-api-qps': '500',
      'kube-api-burst': '1000',
      'concurrent-job-syncs': '20',
    });
    const program = binary('kube-controller-manager');
    const log = join(directory, 'kube-controller-manager.log');
    return new ControllerManager(() => new ServerProcess('kube-controller-manager', program, args, log), directory);
  }

  /** Kills it and starts it anew. */
  async restart(): Promise<void> {
    await this.#process.stop();
    this.#process = this.#spawn();
  }

  /** Rejects once it has ended; never resolves. */
  failure(): Promise<never> {
    return this.#process.failure();
  }

  async stop(): Promise<void> {
    await this.#process.stop();
    await rm(this.#directory, { recursive: true, force: true });
  }
}
