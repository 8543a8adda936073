import { FairQueue } from './fair-queue.admission.js';
import type { QueuedRun } from './shares.admission.js';

const NAMESPACES = 10;
const AGENTS = 5;
const FEW = 500;
const TIMES = 20;
const YOUNGEST = TIMES * FEW;

/** A queue with so many runs that wait and all its slots taken, which counts how often a run is looked at. */
class Backlog {
  readonly queue = new FairQueue({ maxRuns: 50, maxRunsPerNamespace: 10, maxRunsPerAgent: 5 });
  #looks = 0;

  constructor(readonly size: number) {
    for (let n = 0; n < size; n += 1) this.queue.wait(this.run(n));
    while (this.queue.grant() !== undefined);
  }

  run(n: number, priority = 0): QueuedRun {
    const namespace = `namespace-${n % NAMESPACES}`;
    const agent = `agent-${Math.floor(n / NAMESPACES) % AGENTS}`;
    const createdAt = new Date(Date.UTC(2026, 0, 1, 0, 0, n)).toISOString();
    const run = { key: `${namespace}/${n}`, uid: `uid-${n}`, namespace, agent, priority, createdAt, attempt: 0 };
    const look = (target: QueuedRun, field: keyof QueuedRun): unknown => {
      this.#looks += 1;
      return target[field];
    };
    return new Proxy(run, { get: (target, field) => look(target, field as keyof QueuedRun) });
  }

  looksFor(change: (backlog: Backlog) => unknown): number {
    this.#looks = 0;
    change(this);
    return this.#looks;
  }
}

describe(`with ${TIMES} times as many runs that wait, no more than four times as many are looked at`, () => {
  it.each<[string, (backlog: Backlog) => unknown]>([
    ['when the youngest run comes', (backlog) => backlog.queue.wait(backlog.run(YOUNGEST))],
    ['when a run comes that goes before all others', (backlog) => backlog.queue.wait(backlog.run(YOUNGEST, 1))],
    ['when one that waits is told of again', (backlog) => backlog.queue.wait(backlog.run(backlog.size / 2))],
    ['when one that waits is raised to the front', (backlog) => backlog.queue.wait(backlog.run(backlog.size / 2, 1))],
    ['when one that waits goes', (backlog) => backlog.queue.leave(backlog.run(backlog.size / 2).key)],
    ['when one that waits turns out to hold a slot', (backlog) => backlog.queue.hold(backlog.run(backlog.size / 2))],
    ['when an agent may hold none any more', ({ queue }) => queue.limitAgent('namespace-1', 'agent-1', 0)],
    [
      'when a slot becomes free and is given on',
      (backlog) => {
        backlog.queue.leave(backlog.run(0).key);
        expect(backlog.queue.grant()).toBeDefined();
      },
    ],
  ])('%s', (_name, change) => {
    const few = new Backlog(FEW).looksFor(change);
    const many = new Backlog(TIMES * FEW).looksFor(change);
    expect(many).toBeGreaterThan(0);
    expect(many).toBeLessThanOrEqual(4 * few);
  });
});
