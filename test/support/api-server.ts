import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiClient, type ApiEndpoint } from './api-server/api-client.js';
import { binary } from './api-server/binaries.js';
import { freePort } from './api-server/free-port.js';
import { kubeconfig } from './api-server/kubeconfig.js';
import { ServerProcesses } from './api-server/processes.js';

export type { ApiAnswer } from './api-server/api-client.js';

/** Environment variable through which the run's shared server reaches the test files. */
export const SHARED_SERVER_VARIABLE = 'JANGAR_TEST_API_SERVER';

export interface CommandResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** What is known of a running server; plain data, so that it can be handed to another process. */
export interface ApiServerHandle extends ApiEndpoint {
  kubeconfigPath: string;
  /** One JSON event of audit.k8s.io per line, at level Metadata. */
  auditLogPath: string;
  /** File with the private key of `certificate`. */
  keyPath: string;
  /** etcd's client address, for EtcdHistory. */
  etcdUrl: string;
}

/** A kube-apiserver with an etcd of its own and no controllers: what it stores stays as it is written. */
export class ApiServer implements ApiServerHandle {
  readonly url: string;
  readonly certificate: string;
  readonly token: string;
  readonly kubeconfigPath: string;
  readonly auditLogPath: string;
  readonly keyPath: string;
  readonly etcdUrl: string;
  readonly client: ApiClient;
  readonly #processes: ServerProcesses | undefined;

  /** @param processes absent for a server that another process runs */
  constructor(handle: ApiServerHandle, processes?: ServerProcesses) {
    this.url = handle.url;
    this.certificate = handle.certificate;
    this.token = handle.token;
    this.kubeconfigPath = handle.kubeconfigPath;
    this.auditLogPath = handle.auditLogPath;
    this.keyPath = handle.keyPath;
    this.etcdUrl = handle.etcdUrl;
    this.client = new ApiClient(handle);
    this.#processes = processes;
  }

  /** What another process needs in order to use this server. */
  get handle(): ApiServerHandle {
    const { url, certificate, token, kubeconfigPath, auditLogPath, keyPath, etcdUrl } = this;
    return { url, certificate, token, kubeconfigPath, auditLogPath, keyPath, etcdUrl };
  }

  /** Runs kubectl as the administrator; a failing command is a result, not an exception. */
  async kubectl(args: readonly string[], input?: string): Promise<CommandResult> {
    return new Promise((resolve, reject) => {
      const child = execFile(
        binary('kubectl'),
        ['--kubeconfig', this.kubeconfigPath, ...args],
        { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
        (error, stdout, stderr) => {
          if (error === null) resolve({ code: 0, stdout, stderr });
          else if (typeof error.code === 'number') resolve({ code: error.code, stdout, stderr });
          else reject(new Error(`kubectl ${args.join(' ')}: ${error.message}`));
        },
      );
      child.stdin?.end(input ?? '');
    });
  }

  /** Ends the API server as a crash does: every connection breaks and nobody listens. Its data stays in etcd. */
  async kill(): Promise<void> {
    await this.#own().kill();
  }

  /** Ends it if it still runs and starts it again, same address, certificate and data; resolves once it is ready. */
  async restart(): Promise<void> {
    await this.#own().restart();
  }

  /**
   * Makes etcd forget all history before now. What an older version is asked for is 410 from then on, as far as the API
   * server's own cache does not reach back: after `restart`, always.
   */
  async compact(): Promise<void> {
    await this.#own().compact();
  }

  /** Ends the server, or, for the shared one, only this connection to it. */
  async stop(): Promise<void> {
    await this.client.close();
    await this.#processes?.stop();
  }

  #own(): ServerProcesses {
    if (this.#processes === undefined) throw new Error('others use this server too: start one with startApiServer()');
    return this.#processes;
  }
}

/**
 * Starts a private etcd and kube-apiserver on ports of their own. Whoever starts it stops it.
 *
 * @param options.storageJson makes built-in kinds readable for EtcdHistory; kinds of CRDs always are
 */
export async function startApiServer(options: { storageJson?: boolean } = {}): Promise<ApiServer> {
  const directory = await mkdtemp(join(tmpdir(), 'jangar-api-server-'));
  const token = randomBytes(24).toString('hex');
  const storageJson = options.storageJson ?? false;
  const processes = await ServerProcesses.start({ directory, port: await freePort(), token, storageJson });
  const { url, etcdUrl } = processes;
  const certificate = await readFile(join(directory, 'apiserver.crt'), 'utf8');
  const kubeconfigPath = join(directory, 'kubeconfig');
  await writeFile(kubeconfigPath, kubeconfig({ url, certificate, token }), { mode: 0o600 });
  const [auditLogPath, keyPath] = [join(directory, 'audit.log'), join(directory, 'apiserver.key')];
  return new ApiServer({ url, certificate, token, kubeconfigPath, auditLogPath, keyPath, etcdUrl }, processes);
}

/** The server that this Jest run shares, with the project's CRDs installed; use a namespace of your own. */
export function sharedApiServer(): ApiServer {
  const handle = process.env[SHARED_SERVER_VARIABLE];
  if (handle === undefined) throw new Error('no shared API server: run this file in the Jest project "integration"');
  return new ApiServer(JSON.parse(handle) as ApiServerHandle);
}
