import { Inject, Injectable } from '@nestjs/common';
import type { RuntimeType } from '../../api/v1alpha1/runtime-kind.js';
import type { Watch } from '../manager/reconciler.js';
import type { Observation } from './observation.types.js';
import type { RuntimeAdapter, WorkloadIdentity } from './runtime-adapter.js';

/** Token of the list of all adapters. */
export const RUNTIME_ADAPTERS = Symbol('RuntimeAdapters');

/** All runtimes that this version can submit to. */
@Injectable()
export class RuntimeAdapters {
  readonly #adapters: ReadonlyMap<RuntimeType, RuntimeAdapter>;

  constructor(@Inject(RUNTIME_ADAPTERS) adapters: readonly RuntimeAdapter[]) {
    this.#adapters = new Map(adapters.map((adapter) => [adapter.type, adapter]));
  }

  get types(): ReadonlySet<RuntimeType> {
    return new Set(this.#adapters.keys());
  }

  /** @throws Error for a type that has no adapter: a run of it is Blocked and never gets here */
  get(type: RuntimeType): RuntimeAdapter {
    const adapter = this.#adapters.get(type);
    if (!adapter) throw new Error(`no adapter for runtime ${type}`);
    return adapter;
  }

  /**
   * What the caches know of a workload.
   * @param type absent while the status names none: a crash may have left a workload behind, so every runtime is asked
   */
  observe(identity: WorkloadIdentity, type: RuntimeType | undefined): Observation {
    const found = this.#asked(type).map((adapter) => adapter.observe(identity));
    return found.find(({ state }) => state !== 'absent') ?? { state: 'absent' };
  }

  /** The same, read live. */
  async confirm(identity: WorkloadIdentity, type: RuntimeType | undefined, signal: AbortSignal): Promise<Observation> {
    const found = await Promise.all(this.#asked(type).map((adapter) => adapter.confirm(identity, signal)));
    return found.find(({ state }) => state !== 'absent') ?? { state: 'absent' };
  }

  /** Asks a workload to end, wherever it is. */
  async stop(identity: WorkloadIdentity, type: RuntimeType | undefined, signal: AbortSignal): Promise<void> {
    await Promise.all(this.#asked(type).map((adapter) => adapter.stop(identity, signal)));
  }

  /** The workloads' own events, as keys of their runs. */
  watches(keyOfUid: (uid: string) => string | undefined): readonly Watch[] {
    return [...this.#adapters.values()].flatMap((adapter) => adapter.watches(keyOfUid));
  }

  #asked(type: RuntimeType | undefined): readonly RuntimeAdapter[] {
    return type === undefined ? [...this.#adapters.values()] : [this.get(type)];
  }
}
