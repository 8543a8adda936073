import { Injectable } from '@nestjs/common';
import { parseKey } from '../../api/meta/key.js';
import type { AgentRun } from '../../api/v1alpha1/agent-run.types.js';
import { Config } from '../config/config.js';
import { KubernetesClient } from '../kubernetes/client.js';
import { AGENT_RUNS } from '../kubernetes/resource.js';
import type { Observation } from '../runtime/observation.types.js';
import type { WorkloadIdentity } from '../runtime/runtime-adapter.js';
import { RuntimeAdapters } from '../runtime/runtime-adapters.js';
import type { RunInput } from './agent-run.plan.js';
import { resolveExecution } from './execution.resolve.js';
import { resolveReferences } from './references.resolve.js';
import { RunCaches } from './run-caches.js';
import type { Resolution } from './state.types.js';

/** Reads what a decision about a run needs. */
@Injectable()
export class RunGatherer {
  readonly #caches: RunCaches;
  readonly #adapters: RuntimeAdapters;
  readonly #client: KubernetesClient;
  readonly #config: Config;

  constructor(caches: RunCaches, adapters: RuntimeAdapters, client: KubernetesClient, config: Config) {
    this.#caches = caches;
    this.#adapters = adapters;
    this.#client = client;
    this.#config = config;
  }

  /** From the caches alone; undefined when the run is gone. */
  gather(key: string): RunInput | undefined {
    const { namespace, name } = parseKey(key);
    const run = this.#caches.runs.get(namespace, name);
    return run && this.#input(run, this.#adapters.observe(identityOf(run), runtimeOf(run)), false);
  }

  /** The same run and its workload as the API server has them now; undefined when another run has taken the name. */
  async confirm({ run }: RunInput, signal: AbortSignal): Promise<RunInput | undefined> {
    const { namespace = '', name, uid } = run.metadata;
    const live = await this.#client.get(AGENT_RUNS, namespace, name, signal);
    if (live?.metadata.uid !== uid) return undefined;
    const observation = await this.#adapters.confirm(identityOf(live), runtimeOf(live), signal);
    return this.#input(live, observation, true);
  }

  #input(run: AgentRun, observation: Observation, confirmed: boolean): RunInput {
    return { run, observation, confirmed, resolve: () => this.#resolve(run) };
  }

  #resolve(run: AgentRun): Resolution {
    const namespace = run.metadata.namespace ?? '';
    const agent = this.#caches.agents.get(namespace, run.spec.agentRef.name);
    const provider = agent && this.#caches.providers.get(namespace, agent.spec.providerRef.name);
    const implementation = this.#caches.implementationOf(run);
    const references = resolveReferences(
      run,
      {
        ...(agent && { agent }),
        ...(provider && { provider }),
        ...(implementation && { implementation }),
        memories: this.#caches.memoriesOf(namespace),
      },
      this.#adapters.types,
    );
    return 'kind' in references ? references : resolveExecution(run, references, this.#config.runs);
  }
}

/** The workload of a run's first attempt: repeating one is not built yet. */
export function identityOf({ metadata }: AgentRun): WorkloadIdentity {
  const { name, namespace = '', uid } = metadata;
  return { run: { name, namespace, uid }, attempt: 1 };
}

function runtimeOf(run: AgentRun) {
  return run.status?.runtimeRef?.type;
}
