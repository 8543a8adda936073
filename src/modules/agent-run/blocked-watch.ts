import { Injectable } from '@nestjs/common';
import { findCondition } from '../../api/meta/condition.js';
import { keyOf } from '../../api/meta/key.js';
import type { AgentRunStatus } from '../../api/v1alpha1/agent-run-status.types.js';
import type { AgentRun } from '../../api/v1alpha1/agent-run.types.js';
import { CONDITIONS } from '../../api/v1alpha1/conditions.js';
import { blockedEvent, type RunEvent } from './events.status.js';

/** References that are applied in any order are there within seconds: nobody needs an event for that. */
const LASTS_MS = 5_000;

/**
 * Says once per run and reason that it is Blocked and stays so. Memory only: a restart says it once more, and the event
 * becomes a series.
 */
@Injectable()
export class BlockedWatch {
  /** What was said, by key of the run. */
  readonly #said = new Map<string, { uid: string; reason: string }>();

  /** @returns the event to record now, or how long until it is due */
  check(run: AgentRun, status: AgentRunStatus, now: Date): { event?: RunEvent; inMs?: number } {
    const key = keyOf(run.metadata);
    const { uid } = run.metadata;
    const blocked = findCondition(status.conditions, CONDITIONS.Blocked);
    if (blocked?.status !== 'True') {
      this.forget(key);
      return {};
    }
    const said = this.#said.get(key);
    if (said?.uid === uid && said.reason === blocked.reason) return {};
    const inMs = Date.parse(blocked.lastTransitionTime) + LASTS_MS - now.getTime();
    if (inMs > 0) return { inMs };
    this.#said.set(key, { uid, reason: blocked.reason });
    return { event: blockedEvent(status) };
  }

  /** Forgets a run that is gone. */
  forget(key: string): void {
    this.#said.delete(key);
  }
}
