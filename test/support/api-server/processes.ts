import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ApiClient } from './api-client.js';
import { binary } from './binaries.js';
import { compactEtcd, startEtcd } from './etcd.js';
import { serverArguments, type ServerSettings } from './server-arguments.js';
import { ServerProcess } from './server-process.js';

const START_DEADLINE_MS = 90_000;

/** The etcd and the kube-apiserver behind one ApiServer, for the process that started them. */
export class ServerProcesses {
  readonly #settings: ServerSettings;
  readonly #etcd: ServerProcess;
  readonly #args: readonly string[];
  #server: ServerProcess;

  private constructor(settings: ServerSettings, etcd: ServerProcess, args: readonly string[]) {
    this.#settings = settings;
    this.#etcd = etcd;
    this.#args = args;
    this.#server = this.#spawn();
  }

  /** Starts both and resolves once the server is ready. */
  static async start(settings: Omit<ServerSettings, 'etcdUrl'>): Promise<ServerProcesses> {
    const { etcd, url: etcdUrl } = await startEtcd(settings.directory);
    const all = { ...settings, etcdUrl };
    const processes = new ServerProcesses(all, etcd, await serverArguments(all));
    await processes.#ready().catch(async (error: unknown) => {
      await processes.stop();
      throw error;
    });
    return processes;
  }

  get etcdUrl(): string {
    return this.#settings.etcdUrl;
  }

  get url(): string {
    return `https://127.0.0.1:${this.#settings.port}`;
  }

  /** Ends the API server with SIGKILL; etcd keeps running. */
  async kill(): Promise<void> {
    await this.#server.stop();
  }

  async restart(): Promise<void> {
    await this.#server.stop();
    this.#server = this.#spawn();
    await this.#ready();
  }

  async compact(): Promise<void> {
    await compactEtcd(this.#settings.etcdUrl);
  }

  /** Ends both and removes their files. */
  async stop(): Promise<void> {
    await this.#server.stop();
    await this.#etcd.stop();
    await rm(this.#settings.directory, { recursive: true, force: true });
  }

  #spawn(): ServerProcess {
    const log = join(this.#settings.directory, 'kube-apiserver.log');
    return new ServerProcess('kube-apiserver', binary('kube-apiserver'), this.#args, log);
  }

  async #ready(): Promise<void> {
    await Promise.race([this.#answers(), this.#server.failure(), this.#etcd.failure()]);
  }

  /** Waits until the server has written its certificate and says that it is ready. */
  async #answers(): Promise<void> {
    const { directory, token } = this.#settings;
    const certificatePath = join(directory, 'apiserver.crt');
    const deadline = Date.now() + START_DEADLINE_MS;
    while (Date.now() < deadline) {
      await delay(50);
      if (!existsSync(certificatePath)) continue;
      const client = new ApiClient({ url: this.url, certificate: await readFile(certificatePath, 'utf8'), token });
      const answer = await client.send('GET', '/readyz').catch(() => undefined);
      await client.close();
      if (answer?.status === 200) return;
    }
    throw new Error(`kube-apiserver was not ready within ${START_DEADLINE_MS / 1000} s: see its log in ${directory}`);
  }
}
