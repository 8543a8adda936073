import { findCondition } from '../../api/meta/condition.js';
import { keyOf, parseKey } from '../../api/meta/key.js';
import type { KubernetesObject } from '../../api/meta/object.js';
import type { Agent } from '../../api/v1alpha1/agent.types.js';
import type { AgentProvider } from '../../api/v1alpha1/agent-provider.types.js';
import type { AgentRun } from '../../api/v1alpha1/agent-run.types.js';
import { CONDITIONS } from '../../api/v1alpha1/conditions.js';
import type { Memory } from '../../api/v1alpha1/memory.types.js';
import { AgentOutages } from '../agent-run/agent-outages.js';
import type { Informer } from '../kubernetes/informer.js';
import { Informers } from '../kubernetes/informers.js';
import { AGENT_PROVIDERS, AGENT_RUNS, AGENTS, MEMORIES } from '../kubernetes/resource.js';
import { done, type Outcome } from '../manager/outcome.js';
import { type ReconcileContext, type Reconciler, type Watch, watch } from '../manager/reconciler.js';
import { ReconcilerFor } from '../manager/reconciler.decorator.js';
import { StatusWriter } from '../manager/status-writer.js';
import { agentStatus } from './agent.status.js';

const BY_PROVIDER = 'agentsOfProvider';
const BY_MEMORY = 'agentsOfMemory';

/** Says whether an Agent's references are there and allowed, and whether its runs wait for its service. */
@ReconcilerFor({ name: 'agent', resource: AGENTS })
export class AgentReconciler implements Reconciler {
  readonly #statusWriter: StatusWriter;
  readonly #agents: Informer<Agent>;
  readonly #providers: Informer<AgentProvider>;
  readonly #memories: Informer<Memory>;

  readonly #runs: Informer<AgentRun>;
  readonly #outages: AgentOutages;

  constructor(informers: Informers, statusWriter: StatusWriter, outages: AgentOutages) {
    this.#statusWriter = statusWriter;
    this.#outages = outages;
    this.#agents = informers.register(AGENTS, {
      indexes: {
        [BY_PROVIDER]: ({ metadata, spec }) => [keyOf({ ...metadata, name: spec.providerRef.name })],
        [BY_MEMORY]: ({ metadata, spec }) =>
          spec.memoryRef ? [keyOf({ ...metadata, name: spec.memoryRef.name })] : [],
      },
    });
    this.#providers = informers.register(AGENT_PROVIDERS, {});
    this.#memories = informers.register(MEMORIES, {});
    this.#runs = informers.register(AGENT_RUNS, {});
  }

  watches(): readonly Watch[] {
    const by =
      (index: string) =>
      ({ object }: { object: KubernetesObject }): readonly string[] =>
        this.#agents.byIndex(index, keyOf(object.metadata)).map(({ metadata }) => keyOf(metadata));
    return [
      watch(this.#providers, by(BY_PROVIDER)),
      watch(this.#memories, by(BY_MEMORY)),
      watch(this.#runs, ({ object }) => this.#pausedOtherwise(object)),
    ];
  }

  /** The run's Agent, if the run has begun or ended a pause that its status does not tell of. */
  #pausedOtherwise({ metadata: { namespace = '' }, spec }: AgentRun): readonly string[] {
    const agent = this.#agents.get(namespace, spec.agentRef.name);
    if (agent === undefined) return [];
    const told = findCondition(agent.status?.conditions, CONDITIONS.Paused);
    const reason = this.#outages.pauseOf(namespace, spec.agentRef.name)?.reason;
    return (told?.status === 'True' ? told.reason : undefined) === reason ? [] : [keyOf(agent.metadata)];
  }

  async reconcile(key: string, { signal, now }: ReconcileContext): Promise<Outcome> {
    const { namespace, name } = parseKey(key);
    const agent = this.#agents.get(namespace, name);
    if (!agent || agent.metadata.deletionTimestamp !== undefined) return done();
    const { providerRef, memoryRef } = agent.spec;
    const provider = this.#providers.get(namespace, providerRef.name);
    const memory = memoryRef && this.#memories.get(namespace, memoryRef.name);
    const pausedBy = this.#outages.pauseOf(namespace, name)?.reason;
    const facts = { ...(provider && { provider }), ...(memory && { memory }), ...(pausedBy && { pausedBy }) };
    await this.#statusWriter.write(AGENTS, agent, agentStatus(agent, facts, now()), signal);
    return done();
  }
}
