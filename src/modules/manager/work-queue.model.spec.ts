import fc from 'fast-check';
import { FakeClock } from '../../../test/support/fake-clock.js';
import { ReferenceQueue } from '../../../test/support/reference-queue.js';
import { WorkQueue } from './work-queue.js';

const BACK_OFF = { initialMs: 500, maxMs: 4000 };

/** The queue under test, with everything that can be seen of it from outside. */
class RealQueue {
  readonly clock = new FakeClock();
  readonly handedOut: (string | undefined)[] = [];
  readonly waits: number[] = [];
  added = 0;
  retried = 0;
  drained = false;
  readonly queue = new WorkQueue({
    clock: this.clock,
    random: () => 0.5,
    backOff: { ...BACK_OFF, jitter: 0 },
    observer: {
      added: () => (this.added += 1),
      retried: () => (this.retried += 1),
      taken: (waitedMs) => this.waits.push(waitedMs),
    },
  });

  constructor() {
    void this.queue.drained().then(() => (this.drained = true));
  }

  take(): void {
    void this.queue.take().then((key) => this.handedOut.push(key));
  }
}

/** What can be told apart from outside, of the model and of the real queue. */
function seen(model: ReferenceQueue, real: RealQueue) {
  const taken = model.processing.map(({ key }) => key);
  const idle = model.processing.length === 0;
  return {
    expected: {
      handedOut: model.handedOut,
      waits: model.waits,
      causes: taken.map((key) => model.causeOf(key)),
      depth: model.waiting.length + model.dirty.length,
      timers: model.delays.map(({ due }) => due - model.now).toSorted((a, b) => a - b),
      longestRunning: model.longestRunning,
      counts: [model.added, model.retried],
      drained: model.shut && idle,
    },
    actual: {
      handedOut: real.handedOut,
      waits: real.waits,
      causes: taken.map((key) => real.queue.causeOf(key)),
      depth: real.queue.depth,
      timers: real.clock.pending(),
      longestRunning: real.queue.longestRunningMs,
      counts: [real.added, real.retried],
      drained: real.drained,
    },
  };
}

/** One thing done to both; then both must look alike. */
class Step implements fc.AsyncCommand<ReferenceQueue, RealQueue> {
  readonly #name: string;
  readonly #onModel: (model: ReferenceQueue) => void;
  readonly #onReal: (real: RealQueue) => void | Promise<void>;

  constructor(
    name: string,
    onModel: (model: ReferenceQueue) => void,
    onReal: (real: RealQueue) => void | Promise<void>,
  ) {
    this.#name = name;
    this.#onModel = onModel;
    this.#onReal = onReal;
  }

  check(): boolean {
    return true;
  }

  async run(model: ReferenceQueue, real: RealQueue): Promise<void> {
    await this.#onReal(real);
    this.#onModel(model);
    // Fires what is due at once, and lets workers that wait receive what was handed out.
    await real.clock.advance(0);
    model.advance(0);
    const { expected, actual } = seen(model, real);
    expect(actual).toStrictEqual(expected);
  }

  toString(): string {
    return this.#name;
  }
}

/** The nth key that a worker has is finished; nothing when there are fewer. */
class Finish implements fc.AsyncCommand<ReferenceQueue, RealQueue> {
  readonly #nth: number;

  constructor(nth: number) {
    this.#nth = nth;
  }

  check(model: Readonly<ReferenceQueue>): boolean {
    return model.processing.length > this.#nth;
  }

  async run(model: ReferenceQueue, real: RealQueue): Promise<void> {
    const key = model.processing[this.#nth]?.key ?? '';
    const step = new Step(
      'done',
      (m) => m.done(key),
      ({ queue }) => queue.done(key),
    );
    await step.run(model, real);
  }

  toString(): string {
    return `done(${this.#nth}th taken)`;
  }
}

const key = fc.constantFrom('ns/a', 'ns/b', 'ns/c');
const ms = fc.oneof(fc.constantFrom(0, 1, 500, 1000), fc.integer({ min: 0, max: 5000 }));
const delayCause = fc.constantFrom('timer' as const, 'retry' as const);

const steps: fc.Arbitrary<fc.AsyncCommand<ReferenceQueue, RealQueue>>[] = [
  key.map(
    (k) =>
      new Step(
        `add(${k})`,
        (model) => model.add(k, 'event'),
        ({ queue }) => queue.add(k),
      ),
  ),
  fc.tuple(key, ms, delayCause).map(
    ([k, after, cause]) =>
      new Step(
        `addAfter(${k}, ${after}, ${cause})`,
        (model) => model.addAfter(k, after, cause),
        ({ queue }) => queue.addAfter(k, after, cause),
      ),
  ),
  fc.tuple(key, ms).map(
    ([k, atLeast]) =>
      new Step(
        `addRateLimited(${k}, ${atLeast})`,
        (model) => model.fail(k, atLeast),
        ({ queue }) => queue.addRateLimited(k, atLeast),
      ),
  ),
  fc.tuple(key, ms).map(
    ([k, after]) =>
      new Step(
        `resyncAfter(${k}, ${after})`,
        (model) => model.resyncAfter(k, after),
        ({ queue }) => queue.resyncAfter(k, after),
      ),
  ),
  key.map(
    (k) =>
      new Step(
        `forget(${k})`,
        (model) => model.forget(k),
        ({ queue }) => queue.forget(k),
      ),
  ),
  fc.constant(
    new Step(
      'take',
      (model) => model.take(),
      (real) => real.take(),
    ),
  ),
  fc.nat(2).map((nth) => new Finish(nth)),
  ms.map(
    (time) =>
      new Step(
        `advance(${time})`,
        (model) => model.advance(time),
        ({ clock }) => clock.advance(time),
      ),
  ),
];

const shutDown = new Step(
  'shutDown',
  (model) => model.shutDown(),
  ({ queue }) => queue.shutDown(),
);

/** What is done again and again stands there more often, so that most sequences get far. */
const life = [...steps, ...steps.slice(5), ...steps.slice(5)];

function agrees(commands: Iterable<fc.AsyncCommand<ReferenceQueue, RealQueue>>): Promise<void> {
  return fc.asyncModelRun(() => ({ model: new ReferenceQueue(BACK_OFF), real: new RealQueue() }), commands);
}

describe('WorkQueue against a reference model', () => {
  it('agrees on every key handed out, its cause, timers and figures, for any sequence of steps', async () => {
    await fc.assert(fc.asyncProperty(fc.commands(life, { maxCommands: 80, size: 'max' }), agrees), { numRuns: 80 });
  });

  it('agrees through a shutdown in the midst of it', async () => {
    const commands = fc.commands([...life, fc.constant(shutDown)], { maxCommands: 40, size: 'max' });
    await fc.assert(fc.asyncProperty(commands, agrees), { numRuns: 60 });
  });
});
