import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { type AuditEvent, auditLog, helm, kubectl } from './cluster.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CHART = `${ROOT}charts/agents`;

/** Jangar installed by Helm with the chart's default values (and nothing else) in a namespace of its own. */
export class Installation {
  private constructor(readonly namespace: string) {}

  /** The service account that Jangar acts as: what the audit log calls it. */
  get username(): string {
    return `system:serviceaccount:${this.namespace}:jangar-agents`;
  }

  /**
   * Makes a namespace under the `restricted` Pod Security level, installs the chart and waits until it is Ready.
   * Images must be on the node: `hack/images` puts them there.
   */
  static async create(prefix: string, values: Readonly<Record<string, unknown>> = {}): Promise<Installation> {
    const namespace = `${prefix}-${randomBytes(3).toString('hex')}`;
    const installation = new Installation(namespace);
    await kubectl(['create', 'namespace', namespace]);
    await kubectl(['label', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=restricted']);
    await kubectl(['apply', '--server-side', '--force-conflicts', '--filename', `${CHART}/crds`]);
    await helm(['install', 'jangar', CHART, '--namespace', namespace, '--values', '-'], { input: stringify(values) });
    await installation.ready();
    return installation;
  }

  /** Waits until every replica is Ready. */
  async ready(): Promise<void> {
    await this.kubectl(['rollout', 'status', 'deployment/jangar-agents', '--timeout=2m']);
  }

  /** kubectl in the installation's namespace. */
  kubectl(args: readonly string[], input?: string): Promise<string> {
    return kubectl(['--namespace', this.namespace, ...args], input === undefined ? {} : { input });
  }

  /** Applies objects; those without a name are created. */
  async apply(...objects: readonly object[]): Promise<void> {
    await this.kubectl(['apply', '--filename', '-'], objects.map(manifest).join('---\n'));
  }

  /** Reads one object. */
  async get<T>(resource: string, name: string): Promise<T> {
    return JSON.parse(await this.kubectl(['get', resource, name, '--output', 'json'])) as T;
  }

  /** Reads all objects of a kind, as far as a selector chooses them. */
  async list<T>(resource: string, ...selector: readonly string[]): Promise<T[]> {
    const answer = await this.kubectl(['get', resource, '--output', 'json', ...selector]);
    return (JSON.parse(answer) as { items: T[] }).items;
  }

  /** Waits until a condition holds, by watching; `type` is `Finished`, `Blocked`, `Blocked=False`, …. */
  async condition(resource: string, type: string, timeoutSeconds = 120): Promise<void> {
    await this.kubectl(['wait', `--for=condition=${type}`, resource, `--timeout=${timeoutSeconds}s`]);
  }

  /** Waits until a field has a value, by watching; `path` is a JSONPath such as `.status.reason`. */
  async field(resource: string, path: string, value: string, timeoutSeconds = 120): Promise<void> {
    await this.kubectl(['wait', `--for=jsonpath={${path}}=${value}`, resource, `--timeout=${timeoutSeconds}s`]);
  }

  /** What the API server recorded of this namespace. */
  async audit(): Promise<AuditEvent[]> {
    const events = await auditLog();
    return events.filter(
      ({ stage, objectRef }) => stage === 'ResponseComplete' && objectRef?.namespace === this.namespace,
    );
  }

  /** Deletes the namespace with everything in it and waits until it is gone. */
  async delete(timeoutSeconds = 120): Promise<void> {
    await kubectl(['delete', 'namespace', this.namespace, '--ignore-not-found', `--timeout=${timeoutSeconds}s`]);
  }
}

/** As kubectl reads it: to YAML 1.1 a bare `on` is a boolean. */
function manifest(object: object): string {
  return stringify(object, { version: '1.1' });
}
