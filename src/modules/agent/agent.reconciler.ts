import { keyOf, parseKey } from '../../api/meta/key.js';
import type { KubernetesObject } from '../../api/meta/object.js';
import type { Agent } from '../../api/v1alpha1/agent.types.js';
import type { AgentProvider } from '../../api/v1alpha1/agent-provider.types.js';
import type { Memory } from '../../api/v1alpha1/memory.types.js';
import type { Informer } from '../kubernetes/informer.js';
import { Informers } from '../kubernetes/informers.js';
import { AGENT_PROVIDERS, AGENTS, MEMORIES } from '../kubernetes/resource.js';
import { done, type Outcome } from '../manager/outcome.js';
import { type ReconcileContext, type Reconciler, type Watch, watch } from '../manager/reconciler.js';
import { ReconcilerFor } from '../manager/reconciler.decorator.js';
import { StatusWriter } from '../manager/status-writer.js';
import { agentStatus } from './agent.status.js';

const BY_PROVIDER = 'agentsOfProvider';
const BY_MEMORY = 'agentsOfMemory';

/** Says whether an Agent's references are there and allowed. */
@ReconcilerFor({ name: 'agent', resource: AGENTS })
export class AgentReconciler implements Reconciler {
  readonly #statusWriter: StatusWriter;
  readonly #agents: Informer<Agent>;
  readonly #providers: Informer<AgentProvider>;
  readonly #memories: Informer<Memory>;

  constructor(informers: Informers, statusWriter: StatusWriter) {
    this.#statusWriter = statusWriter;
    this.#agents = informers.register(AGENTS, {
      indexes: {
        [BY_PROVIDER]: ({ metadata, spec }) => [keyOf({ ...metadata, name: spec.providerRef.name })],
        [BY_MEMORY]: ({ metadata, spec }) =>
          spec.memoryRef ? [keyOf({ ...metadata, name: spec.memoryRef.name })] : [],
      },
    });
    this.#providers = informers.register(AGENT_PROVIDERS, {});
    this.#memories = informers.register(MEMORIES, {});
  }

  watches(): readonly Watch[] {
    const by =
      (index: string) =>
      ({ object }: { object: KubernetesObject }): readonly string[] =>
        this.#agents.byIndex(index, keyOf(object.metadata)).map(({ metadata }) => keyOf(metadata));
    return [watch(this.#providers, by(BY_PROVIDER)), watch(this.#memories, by(BY_MEMORY))];
  }

  async reconcile(key: string, { signal, now }: ReconcileContext): Promise<Outcome> {
    const { namespace, name } = parseKey(key);
    const agent = this.#agents.get(namespace, name);
    if (!agent || agent.metadata.deletionTimestamp !== undefined) return done();
    const { providerRef, memoryRef } = agent.spec;
    const provider = this.#providers.get(namespace, providerRef.name);
    const memory = memoryRef && this.#memories.get(namespace, memoryRef.name);
    const status = agentStatus(agent, { ...(provider && { provider }), ...(memory && { memory }) }, now());
    await this.#statusWriter.write(AGENTS, agent, status, signal);
    return done();
  }
}
