import { Inject, Injectable } from '@nestjs/common';
import { keyOf } from '../../api/meta/key.js';
import type { Agent } from '../../api/v1alpha1/agent.types.js';
import type { AgentRun } from '../../api/v1alpha1/agent-run.types.js';
import { CLOCK, type Clock } from '../../domain/clock.js';
import { Config } from '../config/config.js';
import type { InformerEvent } from '../kubernetes/informer.js';
import { endedOf, OutageStreak, type Pause } from './admission/outage-streak.admission.js';
import { RunCaches } from './run-caches.js';

/**
 * Which agents are paused: three runs in a row were turned away by the agent's service. Made from the runs in the cache, so
 * that a restart comes to the same; runs that are deleted meanwhile still count.
 */
@Injectable()
export class AgentOutages {
  readonly #streaks = new Map<string, OutageStreak>();
  readonly #clock: Clock;
  readonly #probeMs: number;

  constructor(caches: RunCaches, { admission }: Config, @Inject(CLOCK) clock: Clock) {
    this.#clock = clock;
    this.#probeMs = admission.pauseProbeSeconds * 1000;
    caches.agents.onEvent((event) => this.#onAgent(event));
    caches.runs.onEvent((event) => this.#onRun(event));
  }

  /** @returns undefined while the agent is not paused */
  pauseOf(namespace: string, agent: string): Pause | undefined {
    return this.#streaks.get(keyOf({ namespace, name: agent }))?.pause(this.#probeMs);
  }

  #onAgent({ type, object: { metadata }, previous }: InformerEvent<Agent>): void {
    const key = keyOf(metadata);
    if (type === 'deleted') {
      this.#streaks.delete(key);
      return;
    }
    // What runs of a namesake came to, before this Agent was made, says nothing about it.
    if (type === 'added') this.#streak(key).reached(metadata.creationTimestamp);
    // What kept its service from answering may be what was changed.
    if (type === 'updated' && previous?.metadata.generation !== metadata.generation) this.#streaks.get(key)?.probeNow();
  }

  #onRun({ object: run }: InformerEvent<AgentRun>): void {
    const ended = endedOf(run);
    if (ended === undefined) return;
    const { namespace } = run.metadata;
    this.#streak(keyOf({ namespace, name: run.spec.agentRef.name })).add(ended, this.#clock.now());
  }

  #streak(key: string): OutageStreak {
    const streak = this.#streaks.get(key) ?? new OutageStreak();
    this.#streaks.set(key, streak);
    return streak;
  }
}
