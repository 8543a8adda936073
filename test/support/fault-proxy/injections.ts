import type { Random } from '../../../src/domain/clock.js';
import { integer, pick } from '../seeded-random.js';
import { type Fault, type FaultKind, type Injection, type Match, type Point, pointOf, randomPointOf } from './fault.js';
import { fits, type Target, type Verb } from './target.js';

/** A fault that happens now; the signal aborts when its injection is removed. */
export interface Hit {
  readonly fault: Fault;
  readonly removed: AbortSignal;
}

type Draw = (point: Point, target: Target) => Fault | undefined;

/** One entry of the list of faults to come. */
export class PlannedInjection implements Injection {
  readonly #draw: Draw;
  readonly #removal = new AbortController();
  readonly #first = Promise.withResolvers<true>();
  readonly #count: (kind: FaultKind) => void;
  #hits = 0;

  constructor(draw: Draw, count: (kind: FaultKind) => void) {
    this.#draw = draw;
    this.#count = count;
  }

  get hits(): number {
    return this.#hits;
  }

  async hit(): Promise<void> {
    await this.#first.promise;
  }

  remove(): void {
    this.#removal.abort();
  }

  /** The fault for this request, watch or event, which then counts as done. */
  take(point: Point, target: Target): Hit | undefined {
    const removed = this.#removal.signal;
    const fault = removed.aborted ? undefined : this.#draw(point, target);
    if (fault === undefined) return undefined;
    this.#hits += 1;
    this.#count(fault.kind);
    this.#first.resolve(true);
    return { fault, removed };
  }
}

/** All faults to come, in the order in which they were asked for. */
export class Injections {
  readonly counts = new Map<FaultKind, number>();
  readonly #planned: PlannedInjection[] = [];
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  script(match: Match, fault: Fault, times: number, after: number): PlannedInjection {
    let [spared, left] = [after, times];
    return this.#add((point, target) => {
      if (left <= 0 || pointOf(fault.kind, target.verb === 'watch') !== point || !fits(match, target)) return undefined;
      if (spared > 0) {
        spared -= 1;
        return undefined;
      }
      left -= 1;
      return fault;
    });
  }

  randomly(rates: Readonly<Partial<Record<FaultKind, number>>>, match: Match): PlannedInjection {
    const kinds = Object.keys(rates) as FaultKind[];
    return this.#add((point, target) => {
      const possible = kinds.filter((kind) => randomPointOf(kind, target.verb === 'watch') === point);
      if (possible.length === 0 || !fits(match, target)) return undefined;
      const chosen = possible.find((kind) => this.#random() < (rates[kind] ?? 0));
      return chosen === undefined ? undefined : this.#fault(chosen, target.verb);
    });
  }

  /** The first fault that applies. */
  take(point: Point, target: Target): Hit | undefined {
    for (const planned of this.#planned) {
      const hit = planned.take(point, target);
      if (hit !== undefined) return hit;
    }
    return undefined;
  }

  /** Every fault that applies, one of each injection. */
  takeAll(point: Point, target: Target): Hit[] {
    return this.#planned.map((planned) => planned.take(point, target)).filter((hit) => hit !== undefined);
  }

  /** No fault any more; what was held back is let go. */
  removeAll(): void {
    for (const planned of this.#planned) planned.remove();
  }

  #add(draw: Draw): PlannedInjection {
    const planned = new PlannedInjection(draw, (kind) => this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1));
    this.#planned.push(planned);
    return planned;
  }

  #fault(kind: FaultKind, verb: Verb): Fault {
    const random = this.#random;
    if (kind === 'status') return pick(random, statuses(verb));
    if (kind === 'latency') return { kind, ms: integer(random, 10, 1000) };
    if (kind === 'lag') return { kind, ms: integer(random, 100, 5000) };
    return { kind };
  }
}

/** What a server under load says; 409 only where it tells nothing untrue about an object of that name. */
function statuses(verb: Verb): Fault[] {
  const overload: Fault[] = [
    { kind: 'status', code: 429, retryAfterSeconds: 1 },
    { kind: 'status', code: 500 },
    { kind: 'status', code: 503 },
    { kind: 'status', code: 504 },
  ];
  return verb === 'update' || verb === 'patch' ? [...overload, { kind: 'status', code: 409 }] : overload;
}
