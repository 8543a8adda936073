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
import { identityOf, runtimeOf } from './agent-run.gather.js';
import { isFinished, isGone } from './agent-run.plan.js';
import { lastAttempt } from './attempts.plan.js';
import { type FrozenConfigMap, frozenManifest, frozenName, readFrozen } from './frozen.manifest.js';

/**
 * A submission with the spec that was really used. `stale`: the cached run is behind, or its last attempt still lives, and
 * nothing was made; `unfrozen`: what its attempts have to use is gone.
 */
export type Submitted = { kind: 'stale' | 'unfrozen' } | { submission: Submission; execution: ExecutionSpec };

const FIRST_ATTEMPT = 1;

/** Freezes a run's ExecutionSpec and creates its workloads: two creates under fixed names, safe to repeat after any crash. */
@Injectable()
export class RunSubmitter {
  readonly #client: KubernetesClient;
  readonly #adapters: RuntimeAdapters;

  constructor(client: KubernetesClient, adapters: RuntimeAdapters) {
    this.#client = client;
    this.#adapters = adapters;
  }

  async submit(run: AgentRun, rendered: ExecutionSpec, signal: AbortSignal): Promise<Submitted> {
    // Before the first effect: a cache that is behind shows a run as wanted that somebody has cancelled, judged or submitted.
    if (!(await this.#isWanted(run, signal))) return { kind: 'stale' };
    const frozen = await this.#freeze(run, rendered, signal);
    if ('kind' in frozen) return frozen.kind === 'stale' ? frozen : { submission: frozen, execution: rendered };
    return this.#create(run, FIRST_ATTEMPT, frozen.execution, signal);
  }

  /**
   * Creates the workload of a further attempt, once the API server has said that the run still waits for it and that nothing
   * of the attempt before it lives: one that does is stopped instead.
   */
  async retry(run: AgentRun, attempt: number, signal: AbortSignal): Promise<Submitted> {
    const execution = await this.readFrozen(run, signal);
    const live = await this.#live(run, signal);
    const last = live && lastAttempt(live);
    if (last?.number !== attempt - 1 || last.finishedAt === undefined) return { kind: 'stale' };
    if (!execution) return { kind: 'unfrozen' };
    const earlier = identityOf(run, attempt - 1);
    const observation = await this.#adapters.confirm(earlier, runtimeOf(run), signal);
    if (isGone(observation)) return this.#create(run, attempt, execution, signal);
    if (observation.state !== 'stopping') await this.#adapters.stop(earlier, runtimeOf(run), signal);
    return { kind: 'stale' };
  }

  async #create(run: AgentRun, attempt: number, execution: ExecutionSpec, signal: AbortSignal): Promise<Submitted> {
    const workload = {
      ...identityOf(run, attempt),
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
      const existing = await this.#client.get(CONFIG_MAPS, namespace, frozenName(run), signal);
      // Deleted between the two requests: not ours to guess about, the next pass looks again.
      if (!existing) throw error;
      if (!isControlledBy(existing, run.metadata.uid)) {
        const message = `a ConfigMap named ${frozenName(run)} belongs to something else; delete it and create a new run`;
        return { kind: 'nameConflict', message };
      }
      // Frozen by a pass that crashed, or by another leader while this one was suspended after its look at the run. That
      // run may be over and its workload gone: without a second look it would be made, and paid for, again.
      return (await this.#isWanted(run, signal)) ? { execution: readFrozen(existing) } : { kind: 'stale' };
    }
  }

  /** Whether the API server still has the run, and has it waiting for its workload. */
  async #isWanted(run: AgentRun, signal: AbortSignal): Promise<boolean> {
    const live = await this.#live(run, signal);
    return live !== undefined && live.status?.submittedAt === undefined;
  }

  /** The run as the API server has it, unless it is over, cancelled or deleted there. */
  async #live({ metadata }: AgentRun, signal: AbortSignal): Promise<AgentRun | undefined> {
    const live = await this.#client.get(AGENT_RUNS, metadata.namespace ?? '', metadata.name, signal);
    const goesOn =
      live?.metadata.uid === metadata.uid &&
      live.metadata.deletionTimestamp === undefined &&
      live.spec.cancel !== true &&
      !isFinished(live);
    return goesOn ? live : undefined;
  }
}
