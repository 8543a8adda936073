import { randomBytes } from 'node:crypto';
import type { Resources } from '../../src/api/v1alpha1/workload.types.js';
import { kubectl } from './cluster.js';

/**
 * An extended resource of which a node has one, and a priority below everybody's: what asks for it displaces nothing but
 * what has it (https://kubernetes.io/docs/tasks/administer-cluster/extended-resource-node/).
 */
export class ScarceResource {
  private constructor(
    private readonly node: string,
    private readonly name: string,
  ) {}

  static async create(): Promise<ScarceResource> {
    const node = await kubectl(['get', 'nodes', '--output=jsonpath={.items[0].metadata.name}']);
    const scarce = new ScarceResource(node, `scarce-${randomBytes(3).toString('hex')}`);
    const priority = { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', value: -1000 };
    const named = { ...priority, metadata: { name: scarce.priorityClassName } };
    await kubectl(['create', '--filename', '-'], { input: JSON.stringify(named) });
    await scarce.#patch([{ op: 'add', path: scarce.#path, value: '1' }]);
    // The kubelet has to make of it what pods can get: until then a pod that asks for it fits nowhere.
    const allocatable = `jsonpath={.status.allocatable.test\\.jangar/${scarce.name}}`;
    await kubectl(['wait', '--timeout=60s', `--for=${allocatable}=1`, `node/${node}`]);
    return scarce;
  }

  get priorityClassName(): string {
    return this.name;
  }

  /** One of it. */
  get resources(): Resources {
    return { requests: { [this.#resource]: 1 }, limits: { [this.#resource]: 1 } };
  }

  /** A pod of ordinary priority that wants it. */
  claimant(name: string): object {
    const securityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
    const image = 'docker.io/library/debian:bookworm-slim';
    const container = { name, image, command: ['sleep', '600'], securityContext, resources: this.resources };
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name },
      spec: {
        terminationGracePeriodSeconds: 1,
        securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
        containers: [container],
      },
    };
  }

  async delete(): Promise<void> {
    await this.#patch([{ op: 'remove', path: this.#path }]);
    await kubectl(['delete', 'priorityclass', this.priorityClassName]);
  }

  get #resource(): string {
    return `test.jangar/${this.name}`;
  }

  get #path(): string {
    return `/status/capacity/test.jangar~1${this.name}`;
  }

  async #patch(operations: readonly object[]): Promise<void> {
    const patch = `--patch=${JSON.stringify(operations)}`;
    await kubectl(['patch', 'node', this.node, '--subresource=status', '--type=json', patch]);
  }
}
