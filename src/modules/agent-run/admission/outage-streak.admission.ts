import type { RunAttempt } from '../../../api/v1alpha1/agent-run-status.types.js';
import type { AgentRun } from '../../../api/v1alpha1/agent-run.types.js';
import type { FailureClass } from '../../../api/v1alpha1/failure-class.js';

/** What the agent's service says when nothing that is sent to it can succeed for now. */
const OUTAGE_CLASSES = ['RateLimited', 'QuotaExhausted', 'AuthFailed'] as const satisfies FailureClass[];

export type OutageClass = (typeof OUTAGE_CLASSES)[number];

/** Runs in a row that the service turned away before others wait. */
const RUNS_BEFORE_PAUSE = 3;

/** Longest wait between two probes. */
const MAX_PROBE_MS = 30 * 60 * 1000;

/** Times are written in whole seconds: a run ended before the end of that second. */
const SECOND_MS = 1000;

/** These reached the service, or could have: what they ended with says that it does not turn everything away. */
const REACHED: readonly string[] = ['AgentError', 'Timeout', 'ArtifactMissing', 'OutOfMemory'] satisfies FailureClass[];

/** How the last attempt of a run that has ended went. Times are RFC 3339. */
export interface Ended {
  readonly uid: string;
  /** `none`: it never got as far as the service, so it says nothing about it. */
  readonly verdict: OutageClass | 'reached' | 'none';
  readonly submittedAt: string;
  readonly endedAt: string;
}

interface TurnedAway extends Ended {
  readonly verdict: OutageClass;
}

/** An agent whose runs wait until a probe gets through. */
export interface Pause {
  /** How the run ended that began it. */
  readonly reason: OutageClass;
  /** From when on the next probe may start, in milliseconds since 1970. */
  readonly probeAtMs: number;
}

/** @returns undefined while no attempt of the run has ended */
export function endedOf({ metadata, status }: AgentRun): Ended | undefined {
  if (status === undefined) return undefined;
  // What is cached of a finished run has no attempts; of a run that goes on only these say how the last one went.
  const { submittedAt, finishedAt, failureClass } =
    status.finishedAt === undefined ? (status.attempts?.findLast(hasEnded) ?? {}) : status;
  if (submittedAt === undefined || finishedAt === undefined) return undefined;
  const verdict = status.phase === 'Succeeded' ? 'reached' : verdictOf(failureClass);
  return { uid: metadata.uid, verdict, submittedAt, endedAt: finishedAt };
}

function hasEnded({ finishedAt }: RunAttempt): boolean {
  return finishedAt !== undefined;
}

function verdictOf(failureClass = ''): Ended['verdict'] {
  const outage = OUTAGE_CLASSES.find((candidate) => candidate === failureClass);
  return outage ?? (REACHED.includes(failureClass) ? 'reached' : 'none');
}

/**
 * The runs of one agent that its service turned away since it last did not, made from ended runs that may be told of in any
 * order, and more than once. O(log n) a run.
 */
export class OutageStreak {
  /** By the time of their end; all after `#reachedAt`. */
  readonly #turnedAway: TurnedAway[] = [];
  readonly #byUid = new Map<string, TurnedAway>();
  #reachedAt = '';
  #lastEndedMs = -Infinity;

  /** @param now to which an end is brought back that a node with a fast clock has written */
  add(ended: Ended, now: Date): void {
    const { verdict, endedAt } = ended;
    this.#lastEndedMs = Math.max(this.#lastEndedMs, Math.min(Date.parse(endedAt) + SECOND_MS, now.getTime()));
    const before = this.#byUid.get(ended.uid);
    if (before) this.#remove(before);
    if (verdict === 'reached') this.reached(endedAt);
    else if (verdict !== 'none' && endedAt > this.#reachedAt) this.#insert({ ...ended, verdict }, before);
  }

  /** The service turned nobody away then: what was before counts no more. */
  reached(at: string): void {
    if (at <= this.#reachedAt) return;
    this.#reachedAt = at;
    const later = this.#turnedAway.findIndex(({ endedAt }) => endedAt > at);
    const over = this.#turnedAway.splice(0, later < 0 ? this.#turnedAway.length : later);
    for (const { uid } of over) this.#byUid.delete(uid);
  }

  /** Has the next probe start at once. */
  probeNow(): void {
    this.#lastEndedMs = -Infinity;
  }

  /** @param probeMs wait before the first probe; it doubles with each one that is turned away, up to half an hour */
  pause(probeMs: number): Pause | undefined {
    const last = this.#turnedAway[RUNS_BEFORE_PAUSE - 1];
    if (last === undefined) return undefined;
    const waitMs = Math.min(probeMs * 2 ** this.#probesSince(last.endedAt, probeMs), MAX_PROBE_MS);
    return { reason: last.verdict, probeAtMs: this.#lastEndedMs + waitMs };
  }

  /** How many were submitted after that time; no more are counted than make a difference. */
  #probesSince(at: string, probeMs: number): number {
    const enough = Math.log2(MAX_PROBE_MS / probeMs);
    let probes = 0;
    for (let place = this.#turnedAway.length - 1; place >= RUNS_BEFORE_PAUSE && probes < enough; place -= 1) {
      // Those that ran already when the pause began are no probes.
      if ((this.#turnedAway[place] as TurnedAway).submittedAt > at) probes += 1;
    }
    return probes;
  }

  #insert(ended: TurnedAway, before: TurnedAway | undefined): void {
    // A finished run tells when its first attempt was submitted; of its last one it had told before.
    const submittedAt = before && before.submittedAt > ended.submittedAt ? before.submittedAt : ended.submittedAt;
    const entry = { ...ended, submittedAt };
    this.#turnedAway.splice(this.#placeOf(entry), 0, entry);
    this.#byUid.set(entry.uid, entry);
  }

  #remove(entry: TurnedAway): void {
    this.#turnedAway.splice(this.#placeOf(entry), 1);
    this.#byUid.delete(entry.uid);
  }

  /** Where the entry is, or belongs. */
  #placeOf(entry: TurnedAway): number {
    let low = 0;
    let high = this.#turnedAway.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (endsBefore(this.#turnedAway[middle] as TurnedAway, entry)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function endsBefore(one: Ended, other: Ended): boolean {
  return one.endedAt === other.endedAt ? one.uid < other.uid : one.endedAt < other.endedAt;
}
