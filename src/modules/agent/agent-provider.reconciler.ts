import { parseKey } from '../../api/meta/key.js';
import type { AgentProvider } from '../../api/v1alpha1/agent-provider.types.js';
import type { Informer } from '../kubernetes/informer.js';
import { Informers } from '../kubernetes/informers.js';
import { AGENT_PROVIDERS } from '../kubernetes/resource.js';
import { done, type Outcome } from '../manager/outcome.js';
import type { ReconcileContext, Reconciler } from '../manager/reconciler.js';
import { ReconcilerFor } from '../manager/reconciler.decorator.js';
import { StatusWriter } from '../manager/status-writer.js';
import { agentProviderStatus } from './agent-provider.status.js';

/** Checks a provider's templates, so that a mistake in them is found before a run is paid for. */
@ReconcilerFor({ name: 'agent-provider', resource: AGENT_PROVIDERS })
export class AgentProviderReconciler implements Reconciler {
  readonly #statusWriter: StatusWriter;
  readonly #providers: Informer<AgentProvider>;

  constructor(informers: Informers, statusWriter: StatusWriter) {
    this.#statusWriter = statusWriter;
    this.#providers = informers.register(AGENT_PROVIDERS, {});
  }

  async reconcile(key: string, { signal, now }: ReconcileContext): Promise<Outcome> {
    const { namespace, name } = parseKey(key);
    const provider = this.#providers.get(namespace, name);
    if (!provider || provider.metadata.deletionTimestamp !== undefined) return done();
    await this.#statusWriter.write(AGENT_PROVIDERS, provider, agentProviderStatus(provider, now()), signal);
    return done();
  }
}
