import { type Clock, delay, type Random } from '../../domain/clock.js';
import { ApiError, isAlreadyExists, isConflict, isNotFound } from '../kubernetes/api-error.js';
import { LEASES, resourcePath } from '../kubernetes/resource.js';
import type { Transport, TransportRequest } from '../kubernetes/transport.js';
import type { Lease } from '../kubernetes/wire.js';
import {
  claim,
  LEASE_TIMING,
  type LeaseObservation,
  type LeaseSpec,
  nextLookMs,
  nextStep,
  observe,
  release,
} from './lease.plan.js';
import type { PassLogger } from './pass-logger.js';

/** Two requests must fit into the renew deadline. */
const REQUEST_TIMEOUT_MS = LEASE_TIMING.renewDeadlineMs / 2;

/** For what passes at once. A server that does not answer at all gets one: the pod is about to be killed. */
const RELEASE_TRIES = 3;

export interface LeaderElectorOptions {
  readonly transport: Pick<Transport, 'request'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Pick<PassLogger, 'info' | 'warn' | 'debug'>;
  readonly namespace: string;
  readonly leaseName: string;
  /** Never shared by two processes, not even by two lives of one pod. */
  readonly identity: string;
}

export interface LeadershipHandlers {
  /** Called once, when the Lease is ours. */
  onAcquired(): void;
  /** Called once, when it is no longer certain to be ours; not after `stop`. Somebody else may write from now on. */
  onLost(reason: string): void;
}

/**
 * Leader election on a Lease: client-go's algorithm, with candidates that look more often. Leadership is counted from
 * before the last successful renewal was sent, on the monotonic clock, and ends 10 s later, while others wait for 15 s:
 * a process that was frozen finds its own time run out before it can write again.
 */
export class LeaderElector {
  readonly #options: LeaderElectorOptions;
  readonly #stop = new AbortController();
  #handlers: LeadershipHandlers | undefined;
  #loop: Promise<void> = Promise.resolve();
  #seen: LeaseObservation | undefined;
  #leading = false;
  #validUntilMs = 0;
  #cancelFence: () => void = () => undefined;
  #lastError: string | undefined;

  constructor(options: LeaderElectorOptions) {
    this.#options = options;
  }

  /** Campaigns until `stop` or until leadership was won and lost. */
  start(handlers: LeadershipHandlers): void {
    this.#handlers = handlers;
    this.#loop = this.#run(this.#stop.signal);
  }

  /** Whether this process may write as the leader at this very moment. */
  isLeading(): boolean {
    if (this.#leading && this.#options.clock.monotonicMs() >= this.#validUntilMs)
      this.#lose('it was not renewed in time');
    return this.#leading;
  }

  health(): { leading: boolean; holder: string; lastError?: string } {
    const holder = this.#seen?.lease.spec?.holderIdentity ?? '';
    const error = this.#lastError === undefined ? {} : { lastError: this.#lastError };
    return { leading: this.isLeading(), holder, ...error };
  }

  /**
   * Leaves the campaign. A leader that has nothing running any more releases the Lease, so that the next one need not wait
   * for its end.
   */
  async stop({ release: releases }: { release: boolean }): Promise<void> {
    this.#stop.abort();
    await this.#loop;
    const held = this.isLeading();
    this.#cancelFence();
    this.#leading = false;
    if (!held || !releases) return;
    try {
      await this.#release();
    } catch (error) {
      this.#options.logger.warn({ reason: reasonOf(error) }, 'the Lease was not released: others wait until it ends');
    }
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    while (!signal.aborted) {
      const startedMs = clock.monotonicMs();
      await this.#attempt(signal);
      await delay(clock, Math.max(this.#dueMs(startedMs) - clock.monotonicMs(), 0), signal);
    }
  }

  /** From start to start, as client-go: after a request that took its whole time, a pause would cost the Lease. */
  #dueMs(startedMs: number): number {
    if (this.#leading) return startedMs + LEASE_TIMING.retryPeriodMs;
    const { clock, random } = this.#options;
    return nextLookMs(this.#seen, { startedMs, nowMs: clock.monotonicMs(), jitter: random() });
  }

  async #attempt(signal: AbortSignal): Promise<void> {
    const startedMs = this.#options.clock.monotonicMs();
    let held: boolean;
    try {
      held = (this.#leading && (await this.#renewUnread(signal))) || (await this.#readAndClaim(signal));
      this.#lastError = undefined;
    } catch (error) {
      if (!signal.aborted) this.#note(reasonOf(error));
      return;
    }
    // Outside: what the handlers throw is no failed attempt, and must end the process instead of being tried again.
    if (held) this.#hold(startedMs);
    else if (this.#leading) this.#lose('somebody else holds it');
  }

  /** The fast path of a leader: nobody but the holder writes the record, so it need not be read first. */
  async #renewUnread(signal: AbortSignal): Promise<boolean> {
    if (this.#seen === undefined) return false;
    try {
      await this.#put(this.#seen.lease, this.#claim(), signal);
      return true;
    } catch (error) {
      // Our last write may have arrived although its answer did not, or somebody touched the object: read it. By the code
      // alone: the rest of an answer may be cut off.
      if (error instanceof ApiError && (error.code === 409 || error.code === 404)) return false;
      throw error;
    }
  }

  /** @returns false when somebody else holds the Lease or was quicker */
  async #readAndClaim(signal: AbortSignal): Promise<boolean> {
    const lease = await this.#get(signal);
    const nowMs = this.#options.clock.monotonicMs();
    this.#seen = lease === undefined ? undefined : observe(this.#seen, lease, nowMs);
    const step = nextStep(this.#seen, this.#options.identity, nowMs);
    if (step === 'wait') return false;
    try {
      if (lease === undefined) await this.#create(this.#claim(), signal);
      else await this.#put(lease, this.#claim(), signal);
      return true;
    } catch (error) {
      // Read as ours a moment ago, so it is not known to be anybody else's: tried again, until the deadline.
      if (step !== 'renew' && (isConflict(error) || isAlreadyExists(error))) return false;
      throw error;
    }
  }

  #hold(startedMs: number): void {
    const { clock, logger, identity } = this.#options;
    // Frozen between the request and its answer: the first claim is made again, a renewal came too late.
    if (!this.#leading && clock.monotonicMs() >= startedMs + LEASE_TIMING.renewDeadlineMs) return;
    this.#validUntilMs = startedMs + LEASE_TIMING.renewDeadlineMs;
    this.#cancelFence();
    this.#cancelFence = clock.setTimer(this.#validUntilMs - clock.monotonicMs(), () => void this.isLeading());
    if (this.#leading) return;
    this.#leading = true;
    logger.info({ identity }, 'this process is the leader');
    this.#handlers?.onAcquired();
  }

  #lose(reason: string): void {
    this.#leading = false;
    this.#cancelFence();
    this.#stop.abort();
    this.#handlers?.onLost(reason);
  }

  #note(reason: string): void {
    const { logger } = this.#options;
    // At every try for as long as the API server is away: said once, repeated for those who debug.
    const level = reason === this.#lastError ? 'debug' : 'warn';
    this.#lastError = reason;
    logger[level]({ reason }, this.#leading ? 'the Lease was not renewed' : 'the Lease was not read or taken');
  }

  #claim(): LeaseSpec {
    return claim(this.#seen?.lease.spec, this.#options.identity, this.#options.clock.now());
  }

  async #release(): Promise<void> {
    const { clock, identity } = this.#options;
    const untilMs = clock.monotonicMs() + REQUEST_TIMEOUT_MS;
    for (let triesLeft = RELEASE_TRIES; ;) {
      try {
        const lease = await this.#get();
        if (lease?.spec?.holderIdentity === identity) await this.#put(lease, release(lease.spec, clock.now()));
        return;
      } catch (error) {
        triesLeft -= 1;
        // The renewal that `stop` broke off may arrive between the two requests.
        if (triesLeft === 0 || clock.monotonicMs() >= untilMs) throw error;
      }
    }
  }

  async #get(signal?: AbortSignal): Promise<Lease | undefined> {
    const { namespace, leaseName } = this.#options;
    try {
      return await this.#request({ method: 'GET', path: resourcePath(LEASES, namespace, leaseName), signal });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  async #create(spec: LeaseSpec, signal: AbortSignal): Promise<void> {
    const { namespace, leaseName } = this.#options;
    const body = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: leaseName, namespace },
      spec,
    };
    this.#sawOwn(await this.#request({ method: 'POST', path: resourcePath(LEASES, namespace), body, signal }));
  }

  async #put(current: Lease, spec: LeaseSpec, signal?: AbortSignal): Promise<void> {
    const { namespace, leaseName } = this.#options;
    const path = resourcePath(LEASES, namespace, leaseName);
    this.#sawOwn(await this.#request({ method: 'PUT', path, body: { ...current, spec }, signal }));
  }

  #sawOwn(lease: Lease): void {
    this.#seen = observe(this.#seen, lease, this.#options.clock.monotonicMs());
  }

  async #request(request: TransportRequest): Promise<Lease> {
    const sent = { ...request, lane: 'lease', timeoutMs: REQUEST_TIMEOUT_MS } as const;
    return (await this.#options.transport.request(sent)) as Lease;
  }
}

function reasonOf(error: unknown): string {
  return error instanceof ApiError ? error.message : 'unexpected error';
}
