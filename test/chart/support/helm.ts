import { execFile } from 'node:child_process';
import type {
  V1ClusterRole,
  V1ClusterRoleBinding,
  V1Deployment,
  V1ObjectMeta,
  V1Role,
  V1RoleBinding,
  V1Service,
  V1ServiceAccount,
} from '@kubernetes/client-node';
import { parseAllDocuments } from 'yaml';
import { binary } from '../../support/api-server/binaries.js';

export const CHART = 'charts/agents';
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** Every kind the chart can render; rendering any other is a type error here and a failing comparison in the tests. */
interface Kinds {
  ClusterRole: V1ClusterRole;
  ClusterRoleBinding: V1ClusterRoleBinding;
  Deployment: V1Deployment;
  Role: V1Role;
  RoleBinding: V1RoleBinding;
  Service: V1Service;
  ServiceAccount: V1ServiceAccount;
}

export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: V1ObjectMeta & { name: string };
}

interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

export interface Release {
  name?: string;
  namespace?: string;
  chart?: string;
}

/** Runs a program of hack/cluster to its end; a failing one is an outcome, unless it could not be started. */
export function run(program: 'helm' | 'kubeconform', args: readonly string[], input = ''): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = execFile(binary(program), args, { maxBuffer: MAX_OUTPUT_BYTES }, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') reject(new Error(`${program} could not run`, { cause: error }));
      else resolve({ code: Number(error?.code ?? 0), stdout, stderr });
    });
    child.stdin?.end(input);
  });
}

/** `helm template` with the given values as a values file. */
export function template(values: object = {}, release: Release = {}): Promise<Outcome> {
  const { name = 'agents', namespace = 'jangar', chart = CHART } = release;
  return run('helm', ['template', name, chart, '--namespace', namespace, '--values', '-'], JSON.stringify(values));
}

/** What `helm template` renders; throws with Helm's message when it refuses. */
export async function render(values: object = {}, release: Release = {}): Promise<Manifest[]> {
  const { code, stdout, stderr } = await template(values, release);
  if (code !== 0) throw new Error(stderr);
  return parseAllDocuments(stdout)
    .map((document) => document.toJSON() as Manifest | null)
    .filter((manifest) => manifest !== null);
}

/** All manifests of a kind. */
export function ofKind<K extends keyof Kinds>(manifests: readonly Manifest[], kind: K): (Manifest & Kinds[K])[] {
  return manifests.filter((manifest): manifest is Manifest & Kinds[K] => manifest.kind === kind);
}

/** The only manifest of a kind; throws when there are none or several. */
export function one<K extends keyof Kinds>(manifests: readonly Manifest[], kind: K): Manifest & Kinds[K] {
  const found = ofKind(manifests, kind);
  if (found.length !== 1) throw new Error(`${found.length} manifests of kind ${kind}`);
  return found[0]!;
}

/** The control plane's pod and its only container. */
export function podOf(manifests: readonly Manifest[]) {
  const { metadata, spec } = one(manifests, 'Deployment').spec!.template;
  const [container, ...others] = spec!.containers;
  if (!container || others.length > 0) throw new Error('not exactly one container');
  return { metadata: metadata!, spec: spec!, container };
}
