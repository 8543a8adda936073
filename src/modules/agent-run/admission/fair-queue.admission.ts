import { Heap } from './heap.admission.js';
import { AgentShare, compareShares, NamespaceShare, type QueuedRun } from './shares.admission.js';

/** Limits of the control plane, in slots. */
export interface SlotLimits {
  readonly maxRuns: number;
  readonly maxRunsPerNamespace: number;
  /** Of an agent that does not say. */
  readonly maxRunsPerAgent: number;
}

interface Member {
  run: QueuedRun;
  readonly agent: AgentShare;
  holds: boolean;
}

/**
 * Who holds a slot and who is next, over three levels: all runs, namespaces, agents. Each change costs O(log n). It knows
 * no time: the same calls lead to the same order.
 */
export class FairQueue {
  readonly #limits: SlotLimits;
  readonly #members = new Map<string, Member>();
  readonly #namespaces = new Map<string, NamespaceShare>();
  /** Namespaces that have a run which could be given a slot. */
  readonly #ready = new Heap<NamespaceShare>(compareShares);
  #held = 0;
  #turns = 0;

  constructor(limits: SlotLimits) {
    this.#limits = limits;
  }

  /** Slots that are held, in all. */
  get held(): number {
    return this.#held;
  }

  /** How many runs of each agent hold a slot and wait for one. */
  tally(): { namespace: string; agent: string; held: number; waiting: number }[] {
    return [...this.#namespaces.values()].flatMap((namespace) =>
      [...namespace.agents.values()].map(({ name: agent, held, waiting }) => ({
        namespace: namespace.name,
        agent,
        held,
        waiting: waiting.size,
      })),
    );
  }

  /** Sets how many slots an agent may hold. */
  limitAgent(namespace: string, agent: string, limit: number): void {
    const share = this.#agent(namespace, agent);
    share.known = true;
    if (share.limit === limit) return;
    share.limit = limit;
    this.#settle(share);
  }

  /** Forgets an agent that is gone, with its last run; until then it may hold what an agent may that does not say. */
  forgetAgent(namespace: string, agent: string): void {
    const share = this.#namespaces.get(namespace)?.agents.get(agent);
    if (share === undefined) return;
    share.known = false;
    share.limit = this.#limits.maxRunsPerAgent;
    this.#settle(share);
    this.#dropIfEmpty(share);
  }

  /** Has the run wait, or what is new of one that waits count; a run that held a slot gives it back. */
  wait(run: QueuedRun): void {
    const share = this.#detach(run.key) ?? this.#agent(run.namespace, run.agent);
    this.#members.set(run.key, { run, agent: share, holds: false });
    share.waiting.put(run);
    this.#settle(share);
  }

  /** The run holds a slot, however many there are: its workload exists. */
  hold(run: QueuedRun): void {
    const known = this.#members.get(run.key);
    if (known?.holds === true) {
      known.run = run;
      return;
    }
    const share = this.#detach(run.key) ?? this.#agent(run.namespace, run.agent);
    this.#count(share, 1);
    this.#members.set(run.key, { run, agent: share, holds: true });
    this.#settle(share);
  }

  /** The run neither waits nor holds a slot any more. */
  leave(key: string): void {
    const share = this.#detach(key);
    if (share === undefined) return;
    this.#settle(share);
    this.#dropIfEmpty(share);
  }

  /** A run of that agent was submitted then (RFC 3339), before this process counted turns. */
  served(namespace: string, agent: string, submittedAt: string): void {
    const share = this.#namespaces.get(namespace)?.agents.get(agent);
    if (share === undefined) return;
    for (const level of [share, share.namespace]) {
      if (submittedAt > level.servedAt) level.servedAt = submittedAt;
    }
    this.#settle(share);
  }

  holds(key: string): boolean {
    return this.#members.get(key)?.holds ?? false;
  }

  waits(key: string): boolean {
    return this.#members.get(key)?.holds === false;
  }

  /** Whether an agent holds more than it may by now. */
  isOver(namespace: string, agent: string): boolean {
    const share = this.#namespaces.get(namespace)?.agents.get(agent);
    return share !== undefined && share.held > share.limit;
  }

  /** Keys of the runs of an agent that wait, in no particular order. */
  waitingOf(namespace: string, agent: string): readonly string[] {
    const share = this.#namespaces.get(namespace)?.agents.get(agent);
    return share?.waiting.items.map(({ key }) => key) ?? [];
  }

  /** Gives the slot that is free, if one is, to the run whose turn it is. */
  grant(): QueuedRun | undefined {
    const run = this.#held < this.#limits.maxRuns ? this.#ready.first()?.head() : undefined;
    const member = run && this.#members.get(run.key);
    if (!run || !member) return undefined;
    const { agent } = member;
    this.#turns += 1;
    agent.turn = this.#turns;
    agent.namespace.turn = this.#turns;
    this.hold(run);
    return run;
  }

  /** Takes the run out of what it was counted in; its agent, whose place in the order is to be settled. */
  #detach(key: string): AgentShare | undefined {
    const member = this.#members.get(key);
    if (member === undefined) return undefined;
    this.#members.delete(key);
    if (member.holds) this.#count(member.agent, -1);
    else member.agent.waiting.remove(member.run);
    return member.agent;
  }

  #count(share: AgentShare, slots: 1 | -1): void {
    share.held += slots;
    share.namespace.held += slots;
    this.#held += slots;
  }

  /** Finds the new place of an agent, then that of its namespace. */
  #settle(share: AgentShare): void {
    const { namespace } = share;
    place(namespace.ready, share);
    place(this.#ready, namespace);
  }

  #agent(namespace: string, agent: string): AgentShare {
    const space = this.#namespaces.get(namespace) ?? new NamespaceShare(namespace, this.#limits.maxRunsPerNamespace);
    this.#namespaces.set(namespace, space);
    const share = space.agents.get(agent) ?? new AgentShare(space, agent, this.#limits.maxRunsPerAgent);
    space.agents.set(agent, share);
    return share;
  }

  #dropIfEmpty({ namespace, name, known, held, waiting }: AgentShare): void {
    if (known || held > 0 || waiting.size > 0) return;
    namespace.agents.delete(name);
    if (namespace.agents.size === 0) this.#namespaces.delete(namespace.name);
  }
}

/** Only who has a head is in the order: a namespace at its limit stands in nobody's way. */
function place<S extends { head(): QueuedRun | undefined }>(ready: Heap<S>, share: S): void {
  if (share.head() === undefined) ready.remove(share);
  else ready.put(share);
}
