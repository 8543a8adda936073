import { findCondition } from '../../../src/api/meta/condition.js';
import { API_VERSION } from '../../../src/api/v1alpha1/group-version.js';
import type { Agent, AgentSpec } from '../../../src/api/v1alpha1/agent.types.js';
import type { AgentRunSpec } from '../../../src/api/v1alpha1/agent-run.types.js';
import { eventually } from '../../support/eventually.js';
import type { HollowCluster } from '../../support/hollow-cluster/hollow-cluster.js';
import { type Applied, anAgent, aProvider, aRun } from '../../support/run-objects.js';

const READY_MS = 60_000;
/** Requests at a time. */
const AT_ONCE = 20;

/** Makes objects in one namespace of a cluster that nobody troubles. */
export class Population {
  readonly #cluster: HollowCluster;
  readonly #namespace: string;

  constructor(cluster: HollowCluster, namespace: string) {
    this.#cluster = cluster;
    this.#namespace = namespace;
  }

  /** The namespace, with an Agent `worker`. */
  async settle(agent: Partial<AgentSpec> = {}): Promise<void> {
    await this.#cluster.createNamespace(this.#namespace);
    await this.#create('agentproviders', aProvider('shell'));
    await this.#create('agents', anAgent('worker', agent));
  }

  /** Waits until runs of the Agent would not be blocked by it: a control plane runs. */
  async ready(): Promise<void> {
    await eventually(async () => {
      const { body } = await this.#cluster.server.client.send('GET', `${this.#path('agents')}/worker`);
      const ready = findCondition((body as Agent).status?.conditions, 'Ready');
      if (ready?.status !== 'True') throw new Error(`the Agent is not ready: ${ready?.message ?? 'no status'}`);
    }, READY_MS);
  }

  /** Runs of that Agent: `run-0`, `run-1`, … */
  async runs(count: number, spec: Partial<AgentRunSpec> = {}): Promise<void> {
    for (let first = 0; first < count; first += AT_ONCE) {
      const size = Math.min(AT_ONCE, count - first);
      const names = Array.from({ length: size }, (_, index) => `run-${first + index}`);
      await Promise.all(names.map((name) => this.#create('agentruns', aRun(name, 'true', spec))));
    }
  }

  async #create(plural: string, object: Applied): Promise<void> {
    const { status, body } = await this.#cluster.server.client.send('POST', this.#path(plural), { body: object });
    if (status !== 201) throw new Error(`${plural} ${object.metadata.name}: ${status} ${JSON.stringify(body)}`);
  }
  #path(plural: string): string {
    return `/apis/${API_VERSION}/namespaces/${this.#namespace}/${plural}`;
  }
}
