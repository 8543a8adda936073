import { Heap } from './heap.admission.js';

/** What the order asks of a run. */
export interface QueuedRun {
  /** `namespace/name`. */
  readonly key: string;
  readonly uid: string;
  readonly namespace: string;
  readonly agent: string;
  /** More goes first; 0 unless the run says otherwise. */
  readonly priority: number;
  /** RFC 3339: the age that a run keeps through all its attempts. */
  readonly createdAt: string;
  /** Number of its last attempt; 0 before the first. */
  readonly attempt: number;
}

/** Who takes part in sharing out the slots of what is above it: a namespace, or an agent within one. */
interface Share {
  /** Slots held. */
  held: number;
  /** When it last got a slot in this process, as a number that grows with each slot; 0: not yet. */
  turn: number;
  /** When one of its runs was last submitted, for before this process; RFC 3339, empty: never. */
  servedAt: string;
  /** The run that would get its next slot; undefined: it has none to give to, or may hold no more. */
  head(): QueuedRun | undefined;
}

/** The runs of one agent. */
export class AgentShare implements Share {
  held = 0;
  turn = 0;
  servedAt = '';
  /** Slots that it may hold. */
  limit: number;
  /** Its Agent is there. One that is gone, or never was, is forgotten with its last run. */
  known = false;
  readonly waiting = new Heap<QueuedRun>(compareRuns);

  constructor(
    readonly namespace: NamespaceShare,
    readonly name: string,
    limit: number,
  ) {
    this.limit = limit;
  }

  head(): QueuedRun | undefined {
    return this.held < this.limit ? this.waiting.first() : undefined;
  }
}

/** The agents of one namespace. */
export class NamespaceShare implements Share {
  held = 0;
  turn = 0;
  servedAt = '';
  readonly agents = new Map<string, AgentShare>();
  /** Those that have a run which could be given a slot. */
  readonly ready = new Heap<AgentShare>(compareShares);

  constructor(
    readonly name: string,
    readonly limit: number,
  ) {}

  head(): QueuedRun | undefined {
    return this.held < this.limit ? this.ready.first()?.head() : undefined;
  }
}

/** Priority, then age; the uid decides between runs of one second. */
function compareRuns(one: QueuedRun, other: QueuedRun): number {
  return (
    other.priority - one.priority || compareTexts(one.createdAt, other.createdAt) || compareTexts(one.uid, other.uid)
  );
}

/**
 * Whose head goes first: the higher priority, then who holds fewer slots, then who was served longer ago, then the older
 * run. Only slots that are held count: whoever was idle comes back with no claim on what others have used meanwhile.
 */
export function compareShares(one: Share, other: Share): number {
  const mine = one.head();
  const theirs = other.head();
  if (mine === undefined || theirs === undefined) return Number(mine === undefined) - Number(theirs === undefined);
  return (
    theirs.priority - mine.priority ||
    one.held - other.held ||
    one.turn - other.turn ||
    compareTexts(one.servedAt, other.servedAt) ||
    compareRuns(mine, theirs)
  );
}

function compareTexts(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
