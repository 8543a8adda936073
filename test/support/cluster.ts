import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const CLUSTER = fileURLToPath(new URL('../../hack/cluster/cluster', import.meta.url));
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** How long a program may take, and what it reads from its standard input. */
export interface ExecOptions {
  readonly input?: string;
  /** Milliseconds; the program is killed after that. Default: five minutes. */
  readonly timeout?: number;
  readonly env?: NodeJS.ProcessEnv;
}

/** A line of the API server's audit log at level Metadata (audit.k8s.io/v1 Event), as far as tests look at it. */
export interface AuditEvent {
  readonly auditID: string;
  /** A watch has two lines, ResponseStarted and ResponseComplete; everything else only the latter. */
  readonly stage: 'ResponseStarted' | 'ResponseComplete' | 'Panic';
  readonly verb: string;
  readonly requestURI: string;
  readonly user: { readonly username: string; readonly groups?: readonly string[] };
  readonly userAgent?: string;
  readonly objectRef?: {
    readonly resource: string;
    readonly subresource?: string;
    readonly apiGroup?: string;
    readonly namespace?: string;
    /** Absent for a create that leaves the name to the server. */
    readonly name?: string;
  };
  readonly responseStatus?: { readonly code?: number; readonly reason?: string };
  readonly requestReceivedTimestamp: string;
  readonly stageTimestamp: string;
}

/** Runs a program to its end. Rejects with its standard error when it fails. */
export function exec(program: string, args: readonly string[], options: ExecOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const settings = { maxBuffer: MAX_OUTPUT_BYTES, timeout: options.timeout ?? 300_000, env: options.env };
    const child = execFile(program, [...args], settings, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${program} ${args.join(' ')}: ${stderr.trim() || stdout.trim() || error.message}`));
    });
    // A program that ends without reading its input closes it: whether that was a fault, its exit code says.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(options.input);
  });
}

/** hack/cluster/cluster with a verb; its standard output, without the last line break. */
export async function cluster(...args: readonly string[]): Promise<string> {
  return (await exec(CLUSTER, args, { timeout: 1_800_000 })).trimEnd();
}

interface Surroundings {
  /** process.env with the cluster's programs and kubeconfig in front. */
  readonly env: NodeJS.ProcessEnv;
  readonly kubeconfig: string;
  readonly auditLogPath: string;
}

let surroundings: Promise<Surroundings> | undefined;

async function findSurroundings(): Promise<Surroundings> {
  const [programs, kubeconfig, auditLogPath] = await Promise.all([
    cluster('bin'),
    cluster('kubeconfig'),
    cluster('audit-log'),
  ]);
  const env = { ...process.env, PATH: `${programs}:${process.env['PATH'] ?? ''}`, KUBECONFIG: kubeconfig };
  return { env, kubeconfig, auditLogPath };
}

function find(): Promise<Surroundings> {
  return (surroundings ??= findSurroundings());
}

async function run(name: string, args: readonly string[], options: ExecOptions = {}): Promise<string> {
  const { env } = await find();
  return exec(name, args, { ...options, env: { ...env, ...options.env } });
}

/** The administrator's kubeconfig of the local cluster, which need not be running. */
export async function kubeconfigPath(): Promise<string> {
  return (await find()).kubeconfig;
}

/** kubectl as the cluster's administrator; rejects with its message when it fails. */
export function kubectl(args: readonly string[], options?: ExecOptions): Promise<string> {
  return run('kubectl', args, options);
}

/** kubectl that goes on until it is killed, such as a watch. */
export async function startKubectl(args: readonly string[]): Promise<ChildProcessByStdio<null, Readable, Readable>> {
  const { env } = await find();
  return spawn('kubectl', [...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Helm as the cluster's administrator; rejects with its message when it fails. */
export function helm(args: readonly string[], options?: ExecOptions): Promise<string> {
  return run('helm', args, options);
}

/** Makes images of the local builder's storage known to the node; quick for those that are there. */
export async function loadImage(...images: readonly string[]): Promise<void> {
  await cluster('load-image', ...images);
}

/** Every event the API server has recorded since the cluster was started, oldest first. */
export async function auditLog(): Promise<AuditEvent[]> {
  const lines = (await readFile((await find()).auditLogPath, 'utf8')).split('\n');
  // What follows the last line break is empty, or a line that is being written.
  return lines.slice(0, -1).map((line) => JSON.parse(line) as AuditEvent);
}
