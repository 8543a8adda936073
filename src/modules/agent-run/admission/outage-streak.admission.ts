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

/** A run that was turned away, all its attempts together: it counts once for a pause, however often it is repeated. */
interface TurnedAway {
  readonly uid: string;
  readonly verdict: OutageClass;
  /** When the first of its attempts ended that was turned away since the service was reached. */
  readonly since: string;
  readonly endedAt: string;
  /** When those attempts were submitted, as far as was told. */
  readonly submittedAt: readonly string[];
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
  // What is cached of a finished run says of its attempts only when they were; of one that goes on only these say how.
  const last = status.attempts?.findLast(hasEnded);
  const { finishedAt, failureClass } = status.finishedAt === undefined ? (last ?? {}) : status;
  const submittedAt = last?.submittedAt ?? status.submittedAt;
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
 * order, and more than once. Finding a run's place takes O(log n).
 */
export class OutageStreak {
  /** By the time since when; all after `#reachedAt`. */
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
    else if (verdict !== 'none' && endedAt > this.#reachedAt) this.#insert(turnedAway({ ...ended, verdict }, before));
  }

  /** The service turned nobody away then: what was before counts no more. */
  reached(at: string): void {
    if (at <= this.#reachedAt) return;
    this.#reachedAt = at;
    const later = this.#turnedAway.findIndex(({ since }) => since > at);
    for (const run of this.#turnedAway.splice(0, later < 0 ? this.#turnedAway.length : later)) {
      this.#byUid.delete(run.uid);
      if (run.endedAt > at) this.#insert({ ...run, since: run.endedAt, submittedAt: run.submittedAt.slice(-1) });
    }
  }

  /** Has the next probe start at once. */
  probeNow(): void {
    this.#lastEndedMs = -Infinity;
  }

  /** @param probeMs wait before the first probe; it doubles with each one that is turned away, up to half an hour */
  pause(probeMs: number): Pause | undefined {
    const last = this.#turnedAway[RUNS_BEFORE_PAUSE - 1];
    if (last === undefined) return undefined;
    const waitMs = Math.min(probeMs * 2 ** this.#probesSince(last.since, probeMs), MAX_PROBE_MS);
    return { reason: last.verdict, probeAtMs: this.#lastEndedMs + waitMs };
  }

  /** How many attempts were submitted after that time; no more are counted than make a difference. */
  #probesSince(at: string, probeMs: number): number {
    const enough = Math.log2(MAX_PROBE_MS / probeMs);
    let probes = 0;
    for (let place = this.#turnedAway.length - 1; place >= 0 && probes < enough; place -= 1) {
      // Those that ran already when the pause began are no probes.
      probes += (this.#turnedAway[place] as TurnedAway).submittedAt.filter((each) => each > at).length;
    }
    return probes;
  }

  #insert(entry: TurnedAway): void {
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
      if (isBefore(this.#turnedAway[middle] as TurnedAway, entry)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function turnedAway(
  { uid, verdict, submittedAt, endedAt }: Ended & { verdict: OutageClass },
  before: TurnedAway | undefined,
): TurnedAway {
  if (before === undefined) return { uid, verdict, since: endedAt, endedAt, submittedAt: [submittedAt] };
  // It is told of again once it is finished, then with its first submission perhaps.
  const isKnown = before.submittedAt.includes(submittedAt);
  const all = isKnown ? before.submittedAt : [...before.submittedAt, submittedAt];
  return { uid, verdict, since: before.since < endedAt ? before.since : endedAt, endedAt, submittedAt: all };
}

function isBefore(one: TurnedAway, other: TurnedAway): boolean {
  return one.since === other.since ? one.uid < other.uid : one.since < other.since;
}
