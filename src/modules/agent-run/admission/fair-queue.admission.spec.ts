import fc from 'fast-check';
import { FairQueue, type SlotLimits } from './fair-queue.admission.js';
import type { QueuedRun } from './shares.admission.js';

const LIMITS: SlotLimits = { maxRuns: 5, maxRunsPerNamespace: 4, maxRunsPerAgent: 3 };
const WIDE: SlotLimits = { maxRuns: 100, maxRunsPerNamespace: 100, maxRunsPerAgent: 100 };

/** `team/agent/name`, made in that second of a minute. */
function aRun(path: string, second = 0, priority = 0): QueuedRun {
  const [namespace = '', agent = '', name = ''] = path.split('/');
  const createdAt = `2026-01-01T00:00:${String(second).padStart(2, '0')}Z`;
  return { key: `${namespace}/${agent}-${name}`, uid: path, namespace, agent, priority, createdAt, attempt: 0 };
}

function granted(queue: FairQueue): string[] {
  const uids: string[] = [];
  for (let run = queue.grant(); run !== undefined; run = queue.grant()) uids.push(run.uid);
  return uids;
}

function aQueue(limits: SlotLimits, ...runs: readonly QueuedRun[]): FairQueue {
  const queue = new FairQueue(limits);
  for (const run of runs) queue.wait(run);
  return queue;
}

describe('the next slot goes to', () => {
  it.each<[string, QueuedRun[], string[]]>([
    ['the older of two runs of an agent', [aRun('a/x/2', 2), aRun('a/x/1', 1)], ['a/x/1', 'a/x/2']],
    ['the smaller uid of two runs of one second', [aRun('a/x/2', 1), aRun('a/x/1', 1)], ['a/x/1', 'a/x/2']],
    [
      'the higher priority, however young [AgentRun spec.priority]',
      [aRun('a/x/1', 1), aRun('a/x/2', 2, 5)],
      ['a/x/2', 'a/x/1'],
    ],
    [
      'the higher priority before a fair share',
      [aRun('a/x/1', 1, 1), aRun('a/x/2', 2, 1), aRun('b/x/1', 3)],
      ['a/x/1', 'a/x/2', 'b/x/1'],
    ],
    [
      'each namespace in turn, however many agents one has',
      [aRun('a/x/1', 1), aRun('a/y/1', 1), aRun('a/z/1', 1), aRun('b/x/1', 9), aRun('b/x/2', 9)],
      ['a/x/1', 'b/x/1', 'a/y/1', 'b/x/2', 'a/z/1'],
    ],
    [
      'each agent of a namespace in turn',
      [aRun('a/x/1', 1), aRun('a/x/2', 2), aRun('a/x/3', 3), aRun('a/y/1', 9)],
      ['a/x/1', 'a/y/1', 'a/x/2', 'a/x/3'],
    ],
  ])('%s', (_name, runs, expected) => {
    expect(granted(aQueue(WIDE, ...runs))).toEqual(expected);
  });

  it('whoever holds fewer slots', () => {
    const queue = aQueue(WIDE, aRun('a/x/1', 1), aRun('b/x/1', 9));
    queue.hold(aRun('a/x/0'));
    expect(granted(queue)).toEqual(['b/x/1', 'a/x/1']);
  });

  it('whoever was served longer ago, in the time of an earlier process too', () => {
    const queue = aQueue(WIDE, aRun('a/x/1', 1), aRun('b/x/1', 9));
    queue.served('a', 'x', '2026-01-01T00:00:05Z');
    queue.served('b', 'x', '2026-01-01T00:00:04Z');
    expect(granted(queue)).toEqual(['b/x/1', 'a/x/1']);
  });

  it('a run that waits again before younger ones: it kept its age', () => {
    const queue = aQueue({ ...WIDE, maxRuns: 1 }, aRun('a/x/1', 1), aRun('a/x/2', 2));
    expect(granted(queue)).toEqual(['a/x/1']);
    queue.leave('a/x-1');
    queue.wait(aRun('a/x/1', 1));
    expect(granted(queue)).toEqual(['a/x/1']);
  });

  it('nobody who was idle more often than to those who were not', () => {
    const queue = aQueue({ ...WIDE, maxRuns: 1 }, ...[1, 2, 3, 4, 5, 6].map((n) => aRun(`a/x/${n}`, n)));
    const order: string[] = [];
    for (let slot = 0; slot < 6; slot += 1) {
      if (slot === 2) for (const n of [1, 2, 3]) queue.wait(aRun(`b/x/${n}`, 30 + n));
      const run = queue.grant()!;
      order.push(run.namespace);
      queue.leave(run.key);
    }
    expect(order.join('')).toBe('aababa');
  });

  it('nobody while the agent, the namespace or all hold what they may [Agent spec.limits.maxConcurrentRuns]', () => {
    const runs = (prefix: string) => [1, 2, 3, 4, 5].map((n) => aRun(`${prefix}/${n}`, n));
    expect(granted(aQueue(LIMITS, ...runs('a/x')))).toHaveLength(3);
    expect(granted(aQueue(LIMITS, ...runs('a/x'), ...runs('a/y')))).toHaveLength(4);
    expect(granted(aQueue(LIMITS, ...runs('a/x'), ...runs('b/x')))).toHaveLength(5);
    const held = aQueue(LIMITS, ...runs('a/x'));
    held.limitAgent('a', 'x', 0);
    expect(granted(held)).toEqual([]);
    held.limitAgent('a', 'x', 1);
    expect(granted(held)).toEqual(['a/x/1']);
  });
});

describe('FairQueue', () => {
  it('forgets an agent that is gone with its last run', () => {
    const queue = aQueue(WIDE, aRun('a/x/1'));
    queue.limitAgent('a', 'x', 0);
    queue.forgetAgent('a', 'x');
    expect(queue.tally().map(({ namespace }) => namespace)).toEqual(['a']);
    queue.leave('a/x-1');
    expect(queue.tally().map(({ namespace }) => namespace)).toEqual([]);
    queue.wait(aRun('a/x/1'));
    expect(granted(queue)).toEqual(['a/x/1']);
  });

  it('forgets an agent that never was there with its last run', () => {
    const queue = aQueue(WIDE, aRun('a/x/1'));
    queue.leave('a/x-1');
    expect(queue.tally()).toEqual([]);
  });

  it('counts a run once, however often it is told of', () => {
    const queue = aQueue(WIDE, aRun('a/x/1'), aRun('a/x/1'));
    expect(queue.waitingOf('a', 'x')).toEqual(['a/x-1']);
    queue.hold(aRun('a/x/1'));
    queue.hold(aRun('a/x/1'));
    expect([queue.held, queue.holds('a/x-1'), queue.waits('a/x-1')]).toEqual([1, true, false]);
    queue.leave('a/x-1');
    queue.leave('a/x-1');
    expect([queue.held, queue.holds('a/x-1')]).toEqual([0, false]);
  });
});

const paths = fc
  .tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('x', 'y'), fc.nat(9))
  .map((path) => path.join('/'));
const someRuns = fc.uniqueArray(fc.record({ path: paths, second: fc.nat(5), priority: fc.nat(1) }), {
  selector: ({ path }) => path,
});

describe('for any history', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('wait' as const), path: paths, priority: fc.nat(2) }),
    fc.record({ kind: fc.constantFrom('hold' as const, 'leave' as const), path: paths, priority: fc.constant(0) }),
    fc.record({ kind: fc.constant('limit' as const), path: paths, priority: fc.nat(3) }),
  );

  it('no limit is passed by a grant, and no slot stays free that a waiting run could have', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const queue = new FairQueue(LIMITS);
        const waiting = new Map<string, QueuedRun>();
        const holding = new Map<string, QueuedRun>();
        const limits = new Map<string, number>();
        const held = (matches: (run: QueuedRun) => boolean) => [...holding.values()].filter(matches).length;
        const mayHave = ({ namespace, agent }: QueuedRun) =>
          holding.size < LIMITS.maxRuns &&
          held((other) => other.namespace === namespace) < LIMITS.maxRunsPerNamespace &&
          held((other) => other.namespace === namespace && other.agent === agent) <
            (limits.get(`${namespace}/${agent}`) ?? LIMITS.maxRunsPerAgent);
        for (const { kind, path, priority } of steps) {
          const run = aRun(path, 0, priority);
          if (kind === 'limit') {
            limits.set(`${run.namespace}/${run.agent}`, priority);
            queue.limitAgent(run.namespace, run.agent, priority);
          } else {
            waiting.delete(run.key);
            holding.delete(run.key);
            if (kind === 'leave') queue.leave(run.key);
            else {
              (kind === 'wait' ? waiting : holding).set(run.key, run);
              queue[kind](run);
            }
          }
          for (let next = queue.grant(); next !== undefined; next = queue.grant()) {
            expect(waiting.delete(next.key) && mayHave(next)).toBe(true);
            holding.set(next.key, next);
          }
          expect([...waiting.values()].filter(mayHave)).toEqual([]);
          expect(queue.held).toBe(holding.size);
        }
      }),
    );
  });

  it('the order is the same from the same runs, however they were told of', () => {
    fc.assert(
      fc.property(someRuns, someRuns, fc.infiniteStream(fc.nat()), (waiting, held, random) => {
        const shuffled = <T>(items: readonly T[]): T[] =>
          items
            .map((item) => ({ item, place: random.next().value as number }))
            .toSorted((one, other) => one.place - other.place)
            .map(({ item }) => item);
        const tell = (order: <T>(items: readonly T[]) => readonly T[]): string[] => {
          const queue = new FairQueue(WIDE);
          const told = [
            ...held.map(({ path, second }) => () => {
              const run = aRun(`${path}0`, second);
              queue.hold(run);
              queue.served(run.namespace, run.agent, `2026-01-01T00:00:0${second}Z`);
            }),
            ...waiting.map(
              ({ path, second, priority }) =>
                () =>
                  queue.wait(aRun(path, second, priority)),
            ),
          ];
          for (const tellIt of order(told)) tellIt();
          return granted(queue);
        };
        expect(tell(shuffled)).toEqual(tell((items) => items));
      }),
    );
  });

  it('each run gets its turn, and namespaces whose runs wait hold as many slots as each other, give or take one', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 40, maxLength: 40 }), (durations) => {
        const names = ['a', 'b', 'c'];
        const backlog = names.flatMap((name) => durations.map((_unused, n) => aRun(`${name}/x/${n}`, n)));
        const queue = aQueue({ maxRuns: 5, maxRunsPerNamespace: 5, maxRunsPerAgent: 5 }, ...backlog);
        const ends = new Map<number, string[]>();
        let started = 0;
        for (let now = 0; now <= 9 * backlog.length && started < backlog.length; now += 1) {
          for (const key of ends.get(now) ?? []) queue.leave(key);
          for (let run = queue.grant(); run !== undefined; run = queue.grant()) {
            const end = now + durations[started % durations.length]!;
            ends.set(end, [...(ends.get(end) ?? []), run.key]);
            started += 1;
          }
          const held = queue.tally().map((share) => share.held);
          const allWait = names.every((name) => queue.waitingOf(name, 'x').length > 0);
          if (allWait) expect(Math.max(...held) - Math.min(...held)).toBeLessThanOrEqual(1);
        }
        expect(started).toBe(backlog.length);
      }),
      { numRuns: 30 },
    );
  });

  it('runs of one length are shared out evenly', () => {
    const names = ['a', 'b', 'c'];
    const backlog = names.flatMap((name) => Array.from({ length: 100 }, (_unused, n) => aRun(`${name}/x/${n}`)));
    const queue = aQueue({ ...WIDE, maxRuns: 5 }, ...backlog);
    const started: string[] = [];
    const running: string[] = [];
    while (started.length < 240) {
      const run = queue.grant();
      if (run === undefined) queue.leave(running.shift()!);
      else {
        started.push(run.namespace);
        running.push(run.key);
      }
    }
    for (const name of names) expect(started.filter((other) => other === name)).toHaveLength(80);
  });
});
