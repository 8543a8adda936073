import { Injectable } from '@nestjs/common';
import { parseKey } from '../../api/meta/key.js';
import type { Agent } from '../../api/v1alpha1/agent.types.js';
import type { AgentProvider } from '../../api/v1alpha1/agent-provider.types.js';
import type { AgentRun } from '../../api/v1alpha1/agent-run.types.js';
import type { ImplementationSpec } from '../../api/v1alpha1/implementation-spec.types.js';
import type { Memory } from '../../api/v1alpha1/memory.types.js';
import { Config } from '../config/config.js';
import { KubernetesClient } from '../kubernetes/client.js';
import { AGENT_PROVIDERS, AGENT_RUNS, AGENTS, IMPLEMENTATION_SPECS, MEMORIES } from '../kubernetes/resource.js';
import type { Observation } from '../runtime/observation.types.js';
import type { WorkloadIdentity } from '../runtime/runtime-adapter.js';
import { RuntimeAdapters } from '../runtime/runtime-adapters.js';
import { Admission } from './admission/admission.js';
import type { RunInput } from './agent-run.plan.js';
import { attemptNow } from './attempts.plan.js';
import { resolveExecution } from './execution.resolve.js';
import { type Gathered, resolveReferences } from './references.resolve.js';
import { RunCaches } from './run-caches.js';
import type { Resolution } from './state.types.js';

/** Reads what a decision about a run needs. */
@Injectable()
export class RunGatherer {
  readonly #caches: RunCaches;
  readonly #adapters: RuntimeAdapters;
  readonly #client: KubernetesClient;
  readonly #config: Config;
  readonly #admission: Admission;

  constructor(
    caches: RunCaches,
    adapters: RuntimeAdapters,
    client: KubernetesClient,
    config: Config,
    admission: Admission,
  ) {
    this.#caches = caches;
    this.#adapters = adapters;
    this.#client = client;
    this.#config = config;
    this.#admission = admission;
  }

  /** From the caches alone; undefined when the run is gone. */
  gather(key: string): RunInput | undefined {
    const { namespace, name } = parseKey(key);
    const run = this.#caches.runs.get(namespace, name);
    if (!run) return undefined;
    const attempt = attemptNow(run);
    return {
      run,
      observation: this.#observe(run, attempt),
      earlier: this.#observe(run, attempt - 1),
      confirmed: false,
      resolve: () => this.#resolve(run, this.#cached(run)),
      ...this.#asked(run),
    };
  }

  /**
   * The same run and its workload as the API server has them now, and with them the objects that an invalid run is
   * measured by; undefined when another run has taken the name.
   */
  async confirm({ run }: RunInput, signal: AbortSignal): Promise<RunInput | undefined> {
    const { namespace = '', name, uid } = run.metadata;
    const live = await this.#client.get(AGENT_RUNS, namespace, name, signal);
    if (live?.metadata.uid !== uid) return undefined;
    const attempt = attemptNow(live);
    const observation = await this.#adapters.confirm(identityOf(live, attempt), runtimeOf(live), signal);
    const cached = this.#cached(live);
    const references = this.#isInvalid(live, cached) ? await this.#live(live, signal) : cached;
    return {
      run: live,
      observation,
      earlier: this.#observe(live, attempt - 1),
      confirmed: true,
      resolve: () => this.#resolve(live, references),
      ...this.#asked(live),
    };
  }

  /** From the caches; there is none before the first attempt. */
  #observe(run: AgentRun, attempt: number): Observation {
    return attempt < 1 ? { state: 'absent' } : this.#adapters.observe(identityOf(run, attempt), runtimeOf(run));
  }

  #asked(run: AgentRun): Pick<RunInput, 'admit' | 'defaultTtlSeconds'> {
    const { metadata, spec } = run;
    return {
      admit: () => this.#admission.request(run),
      defaultTtlSeconds: () =>
        this.#caches.agents.get(metadata.namespace ?? '', spec.agentRef.name)?.spec.defaults?.ttlSecondsAfterFinished ??
        this.#config.runs.ttlSecondsAfterFinished,
    };
  }

  /** Asked only while nothing was submitted: afterwards references count for nothing. */
  #isInvalid(run: AgentRun, cached: Gathered): boolean {
    return run.status?.submittedAt === undefined && this.#resolve(run, cached).kind === 'invalid';
  }

  #cached(run: AgentRun): Gathered {
    const namespace = run.metadata.namespace ?? '';
    const agent = this.#caches.agents.get(namespace, run.spec.agentRef.name);
    const provider = agent && this.#caches.providers.get(namespace, agent.spec.providerRef.name);
    const implementation = this.#caches.implementationOf(run);
    return gathered(agent, provider, implementation, this.#caches.memoriesOf(namespace));
  }

  async #live(run: AgentRun, signal: AbortSignal): Promise<Gathered> {
    const { metadata, spec } = run;
    const namespace = metadata.namespace ?? '';
    const agent = await this.#client.get(AGENTS, namespace, spec.agentRef.name, signal);
    const [provider, implementation, memories] = await Promise.all([
      agent && this.#client.get(AGENT_PROVIDERS, namespace, agent.spec.providerRef.name, signal),
      spec.implementationRef && this.#client.get(IMPLEMENTATION_SPECS, namespace, spec.implementationRef.name, signal),
      this.#client.list(MEMORIES, namespace, {}, signal),
    ]);
    return gathered(agent, provider, implementation, memories);
  }

  #resolve(run: AgentRun, references: Gathered): Resolution {
    const { runs, artifactStore } = this.#config;
    const resolved = resolveReferences(run, references, this.#adapters.types);
    return 'kind' in resolved
      ? resolved
      : resolveExecution(run, resolved, { ...runs, ...(artifactStore && { artifactStore }) });
  }
}

function gathered(
  agent: Agent | undefined,
  provider: AgentProvider | undefined,
  implementation: ImplementationSpec | undefined,
  memories: readonly Memory[],
): Gathered {
  return {
    ...(agent && { agent }),
    ...(provider && { provider }),
    ...(implementation && { implementation }),
    memories,
  };
}

/** The workload of one attempt of a run. */
export function identityOf({ metadata }: AgentRun, attempt: number): WorkloadIdentity {
  const { name, namespace = '', uid } = metadata;
  return { run: { name, namespace, uid }, attempt };
}

/** The runtime of a run that was submitted: that of all its attempts. */
export function runtimeOf(run: AgentRun) {
  return run.status?.runtimeRef?.type;
}
