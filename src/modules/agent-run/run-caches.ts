import { Injectable } from '@nestjs/common';
import { findCondition } from '../../api/meta/condition.js';
import { keyOf } from '../../api/meta/key.js';
import type { KubernetesObject } from '../../api/meta/object.js';
import type { Agent } from '../../api/v1alpha1/agent.types.js';
import type { AgentProvider } from '../../api/v1alpha1/agent-provider.types.js';
import type { AgentRun } from '../../api/v1alpha1/agent-run.types.js';
import { CONDITIONS } from '../../api/v1alpha1/conditions.js';
import type { ImplementationSpec } from '../../api/v1alpha1/implementation-spec.types.js';
import type { Memory } from '../../api/v1alpha1/memory.types.js';
import type { Informer, InformerEvent } from '../kubernetes/informer.js';
import { Informers } from '../kubernetes/informers.js';
import { AGENT_PROVIDERS, AGENT_RUNS, AGENTS, IMPLEMENTATION_SPECS, MEMORIES } from '../kubernetes/resource.js';
import { watch, type Watch } from '../manager/reconciler.js';
import { isFinished } from './agent-run.plan.js';
import type { CachedRun } from './cached-run.types.js';
import { trimRun } from './trim.observe.js';

/** Indexes of AgentRuns. All but `uid` hold only runs that wait: a change of an Agent concerns no run that was submitted. */
const BY = { uid: 'uid', agent: 'waitingForAgent', implementation: 'waitingForImplementation', namespace: 'waitingIn' };
const BY_NAMESPACE = 'namespace';
const BY_PROVIDER = 'provider';

/** The caches a run is decided from, and how changes in them lead back to runs. No event ever lists runs. */
@Injectable()
export class RunCaches {
  readonly runs: Informer<CachedRun>;
  readonly agents: Informer<Agent>;
  readonly providers: Informer<AgentProvider>;
  readonly implementations: Informer<ImplementationSpec>;
  readonly memories: Informer<Memory>;

  constructor(informers: Informers) {
    this.runs = informers.register(AGENT_RUNS, {
      trim: trimRun,
      indexes: {
        [BY.uid]: ({ metadata }) => [metadata.uid],
        [BY.agent]: whileWaiting((run) => [inNamespace(run, run.spec.agentRef.name)]),
        [BY.implementation]: whileWaiting((run) =>
          run.spec.implementationRef ? [inNamespace(run, run.spec.implementationRef.name)] : [],
        ),
        [BY.namespace]: whileWaiting((run) => [run.metadata.namespace ?? '']),
      },
    });
    this.agents = informers.register(AGENTS, {
      indexes: { [BY_PROVIDER]: (agent) => [inNamespace(agent, agent.spec.providerRef.name)] },
    });
    this.providers = informers.register(AGENT_PROVIDERS, {});
    this.implementations = informers.register(IMPLEMENTATION_SPECS, {});
    this.memories = informers.register(MEMORIES, {
      indexes: { [BY_NAMESPACE]: ({ metadata }) => [metadata.namespace ?? ''] },
    });
  }

  /** All Memories of a namespace. */
  memoriesOf(namespace: string): readonly Memory[] {
    return this.memories.byIndex(BY_NAMESPACE, namespace);
  }

  /** The ImplementationSpec that a run names, as it is now; absent for one that carries its own. */
  implementationOf({ metadata, spec }: AgentRun): ImplementationSpec | undefined {
    const { implementationRef } = spec;
    return implementationRef && this.implementations.get(metadata.namespace ?? '', implementationRef.name);
  }

  /** Key of the run with that uid, if it is there. */
  keyOfUid(uid: string): string | undefined {
    const run = this.runs.byIndex(BY.uid, uid)[0];
    return run && keyOf(run.metadata);
  }

  /** Events of referenced objects, as keys of the runs that wait for them. */
  watches(): readonly Watch[] {
    return [
      watch(this.agents, (event) => (concernsRuns(event) ? this.#waiting(BY.agent, keyOf(event.object.metadata)) : [])),
      watch(this.providers, ({ object }) =>
        this.agents
          .byIndex(BY_PROVIDER, keyOf(object.metadata))
          .flatMap((agent) => this.#waiting(BY.agent, keyOf(agent.metadata))),
      ),
      watch(this.implementations, ({ object }) => this.#waiting(BY.implementation, keyOf(object.metadata))),
      // A Memory can become a default or gain a capability, so every waiting run of the namespace may be concerned.
      watch(this.memories, ({ object }) => this.#waiting(BY.namespace, object.metadata.namespace ?? '')),
    ];
  }

  #waiting(index: string, value: string): readonly string[] {
    return this.runs.byIndex(index, value).map(({ metadata }) => keyOf(metadata));
  }
}

/** Runs wait for an Agent's spec and for its verdict on that, not for what else is written: Paused comes and goes by them. */
function concernsRuns({ type, object, previous }: InformerEvent<Agent>): boolean {
  return type !== 'updated' || previous === undefined || verdictOn(object) !== verdictOn(previous);
}

function verdictOn({ metadata, status }: Agent): string {
  const ready = findCondition(status?.conditions, CONDITIONS.Ready);
  return JSON.stringify([metadata.generation, status?.observedGeneration, ready?.status, ready?.message]);
}

function whileWaiting(values: (run: AgentRun) => readonly string[]): (run: AgentRun) => readonly string[] {
  return (run) => (run.status?.submittedAt === undefined && !isFinished(run) ? values(run) : []);
}

function inNamespace({ metadata }: KubernetesObject, name: string): string {
  return keyOf({ ...metadata, name });
}
