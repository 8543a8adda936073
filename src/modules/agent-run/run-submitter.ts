import { Injectable } from '@nestjs/common';
import { isControlledBy, controllerReference } from '../../api/meta/owner-reference.js';
import type { AgentRun } from '../../api/v1alpha1/agent-run.types.js';
import type { ExecutionSpec } from '../../domain/execution-spec.js';
import { isAlreadyExists } from '../kubernetes/api-error.js';
import { KubernetesClient } from '../kubernetes/client.js';
import { refusalOf } from '../kubernetes/refusal.js';
import { AGENT_RUNS, CONFIG_MAPS } from '../kubernetes/resource.js';
import type { Submission } from '../runtime/runtime-adapter.js';
import { RuntimeAdapters } from '../runtime/runtime-adapters.js';
import { identityOf } from './agent-run.gather.js';
import { isFinished } from './agent-run.plan.js';
import { type FrozenConfigMap, frozenManifest, frozenName, readFrozen } from './frozen.manifest.js';

/** A submission with the spec that was really used; `stale` when the cached run is behind and nothing was made. */
export type Submitted = { kind: 'stale' } | { submission: Submission; execution: ExecutionSpec };

/** Freezes a run's ExecutionSpec and creates its workload: two creates under fixed names, safe to repeat after any crash. */
@Injectable()
export class RunSubmitter {
  readonly #client: KubernetesClient;
  readonly #adapters: RuntimeAdapters;

  constructor(client: KubernetesClient, adapters: RuntimeAdapters) {
    this.#client = client;
    this.#adapters = adapters;
  }

  async submit(run: AgentRun, rendered: ExecutionSpec, signal: AbortSignal): Promise<Submitted> {
    const frozen = await this.#freeze(run, rendered, signal);
    if ('kind' in frozen) return frozen.kind === 'stale' ? frozen : { submission: frozen, execution: rendered };
    const { execution } = frozen;
    const workload = {
      ...identityOf(run),
      owner: controllerReference(run),
      execution,
      configMapName: frozenName(run),
    };
    return { submission: await this.#adapters.get(execution.runtime).submit(workload, signal), execution };
  }

  /** The spec that was frozen when the run was first submitted. */
  async readFrozen(run: AgentRun, signal: AbortSignal): Promise<ExecutionSpec | undefined> {
    const configMap = await this.#client.get(CONFIG_MAPS, run.metadata.namespace ?? '', frozenName(run), signal);
    return configMap && isControlledBy(configMap, run.metadata.uid) ? readFrozen(configMap) : undefined;
  }

  async #freeze(
    run: AgentRun,
    execution: ExecutionSpec,
    signal: AbortSignal,
  ): Promise<{ execution: ExecutionSpec } | Exclude<Submission, { kind: 'submitted' }> | { kind: 'stale' }> {
    const namespace = run.metadata.namespace ?? '';
    try {
      await this.#client.create<FrozenConfigMap>(CONFIG_MAPS, namespace, frozenManifest(run, execution), signal);
      return { execution };
    } catch (error) {
      if (!isAlreadyExists(error)) return refusalOf(error);
    }
    const existing = await this.readFrozen(run, signal);
    if (!existing) {
      return {
        kind: 'nameConflict',
        message: `a ConfigMap named ${frozenName(run)} belongs to something else; delete it`,
      };
    }
    // Submitted before, by a pass that crashed or by one that this cache has not heard of. A finished or cancelled run's
    // workload may be gone already: without this read it would be made, and paid for, a second time.
    const live = await this.#client.get(AGENT_RUNS, namespace, run.metadata.name, signal);
    const behind =
      live?.metadata.uid !== run.metadata.uid ||
      live.status?.submittedAt !== undefined ||
      isFinished(live) ||
      live.spec.cancel === true;
    return behind ? { kind: 'stale' } : { execution: existing };
  }
}
