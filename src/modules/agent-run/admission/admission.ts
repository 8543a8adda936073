import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { keyOf } from '../../../api/meta/key.js';
import type { Agent } from '../../../api/v1alpha1/agent.types.js';
import type { AgentRun } from '../../../api/v1alpha1/agent-run.types.js';
import { CLOCK, type Clock } from '../../../domain/clock.js';
import { Config } from '../../config/config.js';
import type { InformerEvent } from '../../kubernetes/informer.js';
import { RuntimeAdapters } from '../../runtime/runtime-adapters.js';
import { AgentOutages } from '../agent-outages.js';
import { isFinished } from '../agent-run.plan.js';
import { attemptNow } from '../attempts.plan.js';
import { RunCaches } from '../run-caches.js';
import type { Admitted } from '../state.types.js';
import { holdsSlot, lastSubmittedAt, queuedRun, waitsForSlot } from './claim.admission.js';
import { FairQueue } from './fair-queue.admission.js';
import { type Gate, gateOf } from './gate.admission.js';

/** What runs of one agent are told while they wait, and the timer of its next probe. */
interface Standing {
  gate: Gate;
  cancelTimer?: () => void;
}

/**
 * Shares out the slots among runs (docs/adr/0011-admission.md). Its state is made from the cache when this process begins
 * to lead, and follows its events. A slot that is free is given to a run before that run asks for it; the run is woken, and
 * its pass finds it granted.
 */
@Injectable()
export class Admission implements OnApplicationShutdown {
  readonly #queue: FairQueue;
  /** Runs that were given a slot and whose workload is not in their status yet, with the number of their last attempt. */
  readonly #reserved = new Map<string, number>();
  readonly #standings = new Map<string, Standing>();
  #wake: ((key: string) => void) | undefined;
  #ended = false;

  constructor(
    private readonly caches: RunCaches,
    private readonly adapters: RuntimeAdapters,
    private readonly outages: AgentOutages,
    private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.#queue = new FairQueue(config.admission);
  }

  /** Takes in what is cached and gives out the slots that are free. To be called once, as the leader. */
  start(wake: (key: string) => void): void {
    this.caches.agents.onEvent((event) => this.#onAgent(event));
    this.caches.runs.onEvent((event) => this.#onRun(event));
    this.#wake = wake;
    this.#giveOut();
  }

  onApplicationShutdown(): void {
    this.#ended = true;
    for (const { cancelTimer } of this.#standings.values()) cancelTimer?.();
  }

  /**
   * Asks for a slot for the next attempt of a run that nothing else keeps from being submitted. Repeating it changes
   * nothing; a run that has to wait is woken when it is its turn.
   */
  request(run: AgentRun): Admitted {
    const asking = queuedRun(run);
    const { key, namespace, agent } = asking;
    const gate = this.#follow(namespace, agent);
    // A slot is not used that was given before a pause began, or a limit was lowered.
    if (!this.#queue.holds(key) || this.#queue.isOver(namespace, agent)) {
      this.#reserved.delete(key);
      this.#queue.wait(asking);
      this.#giveOut(key);
    }
    if (this.#queue.holds(key)) {
      // It may hold the slot of the attempt before, whose end the cache has not heard of.
      this.#reserved.set(key, asking.attempt);
      return { kind: 'granted' };
    }
    return { kind: 'queued', reason: gate.reason, message: gate.message };
  }

  /** A pass over the run came to something else than a workload, or waiting for a slot: others may have what it was given. */
  giveBack(key: string): void {
    if (!this.#reserved.delete(key) && !this.#queue.waits(key)) return;
    this.#queue.leave(key);
    this.#giveOut();
  }

  /** Nothing of a run lives any more that is being deleted: whoever keeps its object keeps no slot with it. */
  release(key: string): void {
    this.#leave(key);
    this.#giveOut();
  }

  /** How many runs of each agent hold a slot and wait for one, and why they wait. */
  tally(): { namespace: string; agent: string; held: number; waiting: number; reason: Gate['reason'] }[] {
    return this.#queue.tally().map((share) => {
      const standing = this.#standings.get(keyOf({ namespace: share.namespace, name: share.agent }));
      return { ...share, reason: standing?.gate.reason ?? 'Queued' };
    });
  }

  /** How many agents are paused now. */
  get pausedAgents(): number {
    return [...this.#standings.values()].filter(({ gate }) => gate.reason === 'AgentPaused').length;
  }

  #onAgent({ object: { metadata } }: InformerEvent<Agent>): void {
    this.#follow(metadata.namespace ?? '', metadata.name);
    this.#giveOut();
  }

  #onRun({ type, object: run }: InformerEvent<AgentRun>): void {
    const seen = queuedRun(run);
    const { key, namespace, agent } = seen;
    // First: its end may have begun or ended a pause.
    this.#follow(namespace, agent);
    this.#queue.served(namespace, agent, lastSubmittedAt(run));
    if (type === 'deleted' || isFinished(run)) this.#leave(key);
    else if (holdsSlot(run)) {
      if (seen.attempt > (this.#reserved.get(key) ?? 0)) this.#reserved.delete(key);
      this.#queue.hold(seen);
    } else if (this.#isReserved(run, seen.attempt)) {
      this.#reserved.set(key, seen.attempt);
      this.#queue.hold(seen);
    } else if (waitsForSlot(run)) {
      this.#reserved.delete(key);
      this.#queue.wait(seen);
    } else this.#leave(key);
    this.#giveOut();
  }

  /** Its slot is for an attempt that the status does not tell of yet; at the start also one that a crash left behind. */
  #isReserved(run: AgentRun, attempt: number): boolean {
    if (this.#wake) return this.#reserved.get(keyOf(run.metadata)) === attempt;
    const { name, namespace = '', uid } = run.metadata;
    const next = { run: { name, namespace, uid }, attempt: attemptNow(run) };
    return this.adapters.observe(next, run.status?.runtimeRef?.type).state !== 'absent';
  }

  #leave(key: string): void {
    this.#reserved.delete(key);
    this.#queue.leave(key);
  }

  /** Gives each free slot to the run whose turn it is, and wakes it; but not the one that asks. */
  #giveOut(asking?: string): void {
    // Not before everything is known: the first to be told of would have the slots.
    if (this.#wake === undefined) return;
    for (let run = this.#queue.grant(); run !== undefined; run = this.#queue.grant()) {
      this.#reserved.set(run.key, run.attempt);
      if (run.key !== asking) this.#wake(run.key);
    }
  }

  /** Brings the slots of an agent to what its spec, its outages and the time say. */
  #follow(namespace: string, name: string): Gate {
    const agent = this.caches.agents.get(namespace, name);
    const { maxRunsPerAgent } = this.config.admission;
    const gate = gateOf({ name, agent, maxRunsPerAgent }, this.outages.pauseOf(namespace, name), this.clock.now());
    if (agent === undefined) {
      this.#forget(namespace, name);
      return gate;
    }
    const key = keyOf(agent.metadata);
    const before = this.#standings.get(key);
    before?.cancelTimer?.();
    this.#standings.set(key, { gate, ...this.#timer(gate, namespace, name) });
    this.#queue.limitAgent(namespace, name, gate.slots);
    // Once for each turn of a pause: what their statuses say is not right any more.
    if (before && before.gate.message !== gate.message) {
      for (const waiting of this.#queue.waitingOf(namespace, name)) this.#wake?.(waiting);
    }
    return gate;
  }

  #timer({ opensInMs }: Gate, namespace: string, name: string): Pick<Standing, 'cancelTimer'> {
    if (opensInMs === undefined || this.#ended) return {};
    const open = (): void => {
      this.#follow(namespace, name);
      this.#giveOut();
    };
    return { cancelTimer: this.clock.setTimer(opensInMs, open) };
  }

  #forget(namespace: string, name: string): void {
    const key = keyOf({ namespace, name });
    this.#standings.get(key)?.cancelTimer?.();
    this.#standings.delete(key);
    this.#queue.forgetAgent(namespace, name);
  }
}
