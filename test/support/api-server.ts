import { execFile } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ApiClient, type ApiEndpoint } from './api-server/api-client.js';
import { binary } from './api-server/binaries.js';
import { kubeconfig } from './api-server/kubeconfig.js';
import { ServerProcess } from './api-server/server-process.js';

export type { ApiAnswer } from './api-server/api-client.js';

const START_DEADLINE_MS = 90_000;
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
}

/** A kube-apiserver with an etcd of its own and no controllers: what it stores stays as it is written. */
export class ApiServer implements ApiServerHandle {
  readonly url: string;
  readonly certificate: string;
  readonly token: string;
  readonly kubeconfigPath: string;
  readonly auditLogPath: string;
  readonly client: ApiClient;
  readonly #shutDown: () => Promise<void>;

  constructor(handle: ApiServerHandle, shutDown: () => Promise<void>) {
    this.url = handle.url;
    this.certificate = handle.certificate;
    this.token = handle.token;
    this.kubeconfigPath = handle.kubeconfigPath;
    this.auditLogPath = handle.auditLogPath;
    this.client = new ApiClient(handle);
    this.#shutDown = shutDown;
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

  /** Ends the server, or, for the shared one, only this connection to it. */
  async stop(): Promise<void> {
    await this.client.close();
    await this.#shutDown();
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('the system gave no port');
  return address.port;
}

function flags(values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values).map(([name, value]) => `--${name}=${value}`);
}

async function startEtcd(directory: string): Promise<{ etcd: ServerProcess; url: string }> {
  const [client, peer] = [await freePort(), await freePort()];
  const [url, peerUrl] = [`http://127.0.0.1:${client}`, `http://127.0.0.1:${peer}`];
  const args = flags({
    'data-dir': join(directory, 'etcd'),
    'listen-client-urls': url,
    'advertise-client-urls': url,
    'listen-peer-urls': peerUrl,
    'initial-advertise-peer-urls': peerUrl,
    'initial-cluster': `default=${peerUrl}`,
    'unsafe-no-fsync': 'true',
  });
  return { etcd: new ServerProcess('etcd', binary('etcd'), args, join(directory, 'etcd.log')), url };
}

const AUDIT_POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [{ level: 'Metadata' }],
};

/** Writes what the server reads at its start and gives its arguments. */
async function serverArguments(directory: string, port: number, etcdUrl: string, token: string): Promise<string[]> {
  const file = (name: string): string => join(directory, name);
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  await writeFile(file('sa.key'), privateKey, { mode: 0o600 });
  await writeFile(file('sa.pub'), publicKey);
  await writeFile(file('tokens.csv'), `${token},admin,admin,"system:masters"\n`, { mode: 0o600 });
  await writeFile(file('audit-policy.json'), JSON.stringify(AUDIT_POLICY));
  return flags({
    'etcd-servers': etcdUrl,
    'bind-address': '127.0.0.1',
    'secure-port': String(port),
    'cert-dir': directory,
    'token-auth-file': file('tokens.csv'),
    'authorization-mode': 'RBAC',
    'service-account-key-file': file('sa.pub'),
    'service-account-signing-key-file': file('sa.key'),
    'service-account-issuer': 'https://kubernetes.default.svc',
    'service-cluster-ip-range': '10.96.0.0/16',
    // There is no Service network here that the address of this server could be published in.
    'endpoint-reconciler-type': 'none',
    'audit-policy-file': file('audit-policy.json'),
    'audit-log-path': file('audit.log'),
    'audit-log-mode': 'blocking',
  });
}

/** Waits until the server shows its certificate and says that it is ready. */
async function whenReady(url: string, token: string, certificatePath: string): Promise<string> {
  const deadline = Date.now() + START_DEADLINE_MS;
  while (Date.now() < deadline) {
    await delay(50);
    if (!existsSync(certificatePath)) continue;
    const certificate = await readFile(certificatePath, 'utf8');
    const client = new ApiClient({ url, certificate, token });
    const answer = await client.send('GET', '/readyz').catch(() => undefined);
    await client.close();
    if (answer?.status === 200) return certificate;
  }
  throw new Error(
    `kube-apiserver was not ready within ${START_DEADLINE_MS / 1000} s: see its log beside ${certificatePath}`,
  );
}

/** Starts a private etcd and kube-apiserver on ports of their own. Whoever starts it stops it. */
export async function startApiServer(): Promise<ApiServer> {
  const directory = await mkdtemp(join(tmpdir(), 'jangar-api-server-'));
  const token = randomBytes(24).toString('hex');
  const port = await freePort();
  const url = `https://127.0.0.1:${port}`;
  const { etcd, url: etcdUrl } = await startEtcd(directory);
  const args = await serverArguments(directory, port, etcdUrl, token);
  const server = new ServerProcess(
    'kube-apiserver',
    binary('kube-apiserver'),
    args,
    join(directory, 'kube-apiserver.log'),
  );
  const shutDown = async (): Promise<void> => {
    await server.stop();
    await etcd.stop();
    await rm(directory, { recursive: true, force: true });
  };
  const ready = whenReady(url, token, join(directory, 'apiserver.crt'));
  const certificate = await Promise.race([ready, server.failure(), etcd.failure()]).catch(async (error: unknown) => {
    await shutDown();
    throw error;
  });
  const kubeconfigPath = join(directory, 'kubeconfig');
  await writeFile(kubeconfigPath, kubeconfig({ url, certificate, token }), { mode: 0o600 });
  return new ApiServer(
    { url, certificate, token, kubeconfigPath, auditLogPath: join(directory, 'audit.log') },
    shutDown,
  );
}

/** The server that this Jest run shares, with the project's CRDs installed; use a namespace of your own. */
export function sharedApiServer(): ApiServer {
  const handle = process.env[SHARED_SERVER_VARIABLE];
  if (handle === undefined) throw new Error('no shared API server: run this file in the Jest project "integration"');
  return new ApiServer(JSON.parse(handle) as ApiServerHandle, () => Promise.resolve());
}
