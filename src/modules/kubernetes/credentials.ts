import { HttpMethod, KubeConfig, RequestContext, type Cluster, type DispatcherOptions } from '@kubernetes/client-node';
import type { Clock } from '../../domain/clock.js';
import type { Access, AccessSource, Tls } from './access.js';

/** How long one reading of kubeconfig, token file and certificates serves: far below the life of any of them. */
const ACCESS_TTL_MS = 10_000;

/** Where KubeConfig points when it has found nothing: to whatever happens to listen there. */
const NOTHING_FOUND = 'http://localhost:8080';

/** What is wrong with the credentials, in words that quote nothing of them. */
class CredentialsError extends Error {
  readonly code = 'ERR_CREDENTIALS';
}

/**
 * KubeConfig with its own agents turned off: it opens a TLS connection for every request. What it would have
 * connected with is kept for the shared pools.
 */
class CapturingKubeConfig extends KubeConfig {
  tls: Tls = {};

  override createDispatcherOptions(
    ...args: Parameters<KubeConfig['createDispatcherOptions']>
  ): Extract<DispatcherOptions, { type: 'none' }> {
    const options = super.createDispatcherOptions(...args);
    if (options.type === 'proxy' || options.type === 'socks') {
      throw new CredentialsError('proxy-url in a kubeconfig is not supported');
    }
    this.tls = options.type === 'agent' ? options.connect : {};
    return { type: 'none' };
  }
}

export interface KubeConfigSource {
  /** Path of a kubeconfig; absent: KUBECONFIG, ~/.kube/config, then the pod's own service account, as kubectl does. */
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
}

interface CachedAccess {
  readonly readAtMs: number;
  readonly reading: Promise<Access>;
  /** What was read, once it was. */
  access: Access | undefined;
}

/** The process's identity, from a kubeconfig or the pod's service account, with every auth method KubeConfig knows. */
export class Credentials implements AccessSource {
  readonly #source: KubeConfigSource;
  readonly #clock: Clock;
  #config: CapturingKubeConfig | undefined;
  #cached: CachedAccess | undefined;

  constructor(source: KubeConfigSource, clock: Clock) {
    this.#source = source;
    this.#clock = clock;
  }

  current(): Promise<Access> {
    const nowMs = this.#clock.monotonicMs();
    if (this.#cached !== undefined && nowMs - this.#cached.readAtMs < ACCESS_TTL_MS) return this.#cached.reading;
    const cached: CachedAccess = { readAtMs: nowMs, reading: this.#read(), access: undefined };
    this.#cached = cached;
    cached.reading.then(
      (access) => (cached.access = access),
      () => {
        // A failure kept would outlive its cause.
        if (this.#cached === cached) this.#reset();
      },
    );
    return cached.reading;
  }

  invalidate(used: Access): void {
    // Another request may have renewed it already.
    if (this.#cached?.access === used) this.#reset();
  }

  #reset(): void {
    this.#cached = undefined;
    // KubeConfig keeps tokens in memory for a minute and longer: only a new one reads them again.
    this.#config = undefined;
  }

  async #read(): Promise<Access> {
    const config = (this.#config ??= load(this.#source));
    const cluster = currentCluster(config);
    const context = new RequestContext(cluster.server, HttpMethod.GET);
    await config.applySecurityAuthentication(context);
    // A token file may end in a line break, which no header can hold.
    const headers = Object.entries(context.getHeaders()).map(([name, value]): [string, string] => [name, value.trim()]);
    return { server: new URL(cluster.server), headers: Object.fromEntries(headers), tls: config.tls };
  }
}

function load(source: KubeConfigSource): CapturingKubeConfig {
  const config = new CapturingKubeConfig();
  if (source.kubeconfig === undefined) config.loadFromDefault();
  else config.loadFromFile(source.kubeconfig);
  if (config.getCurrentCluster()?.server === NOTHING_FOUND) {
    throw new CredentialsError('neither a kubeconfig nor a service account was found');
  }
  if (source.context !== undefined) config.setCurrentContext(source.context);
  return config;
}

function currentCluster(config: KubeConfig): Cluster {
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw new CredentialsError('the kubeconfig has no such context or cluster');
  return cluster;
}
