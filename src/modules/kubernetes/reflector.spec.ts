import { FakeClock } from '../../../test/support/fake-clock.js';
import type { KubernetesObject } from '../../api/meta/object.js';
import { Reflector } from './reflector.js';
import { CONFIG_MAPS } from './resource.js';

const object = (resourceVersion: string) => ({ metadata: { name: 'one', namespace: 'a', uid: 'u1', resourceVersion } });
const list = (resourceVersion: string) => ({
  metadata: { resourceVersion },
  items: [object(resourceVersion)],
});
const event = (resourceVersion: string) =>
  new TextEncoder().encode(`${JSON.stringify({ type: 'MODIFIED', object: object(resourceVersion) })}\n`);

/** Answers that come when the test gives them, whatever has become of the asker's signal. */
class Answers<T> {
  readonly #given: T[] = [];
  readonly #asked: ((answer: T) => void)[] = [];
  readonly #whenAsked: (() => void)[] = [];

  ask(): Promise<T> {
    this.#whenAsked.shift()?.();
    const answer = this.#given.shift();
    return answer === undefined ? new Promise((resolve) => this.#asked.push(resolve)) : Promise.resolve(answer);
  }

  /** To whoever has waited the longest. */
  give(answer: T): void {
    const asked = this.#asked.shift();
    if (asked === undefined) this.#given.push(answer);
    else asked(answer);
  }

  asked(): Promise<void> {
    return this.#asked.length > 0 ? Promise.resolve() : new Promise((resolve) => this.#whenAsked.push(resolve));
  }
}

function reflectorOf() {
  const calls: string[] = [];
  const lists = new Answers<object>();
  const chunks = new Answers<Uint8Array>();
  const watchedFrom: (string | undefined)[] = [];
  const clock = new FakeClock();
  const say = (what: string, { metadata }: KubernetesObject) => calls.push(`${what} ${metadata.resourceVersion}`);
  const sink = {
    prepare: <T>(prepared: T): T => prepared,
    replace: (objects: readonly KubernetesObject[]) => objects.forEach((one) => say('replace', one)),
    upsert: (one: KubernetesObject) => say('upsert', one),
    remove: (one: KubernetesObject) => say('remove', one),
  };
  const stream = async function* () {
    for (;;) yield await chunks.ask();
  };
  const reflector = new Reflector({ resource: CONFIG_MAPS, namespace: 'a', labelSelector: undefined }, sink, {
    transport: {
      request: () => lists.ask(),
      stream: ({ query }) => {
        watchedFrom.push(query?.resourceVersion);
        return Promise.resolve(stream());
      },
    },
    clock,
    random: () => 0.5,
    synced: () => calls.push('synced'),
    failed: () => calls.push('failed'),
  });
  return { reflector, calls, lists, chunks, clock, watchedFrom };
}

const expired = (version: string): Uint8Array => {
  const status = { kind: 'Status', code: 410, reason: 'Expired', message: `too old resource version: ${version}` };
  return new TextEncoder().encode(`${JSON.stringify({ type: 'ERROR', object: status })}\n`);
};

describe('Reflector', () => {
  it('keeps a list to itself that arrives after the stop', async () => {
    const { reflector, calls, lists } = reflectorOf();
    const stop = new AbortController();
    const ended = reflector.run(stop.signal);
    stop.abort();
    lists.give(list('7'));
    await ended;
    expect(calls).toEqual([]);
    expect(reflector.health().synced).toBe(false);
  });

  it('keeps an event to itself that arrives after the stop', async () => {
    const { reflector, calls, lists, chunks } = reflectorOf();
    const stop = new AbortController();
    const ended = reflector.run(stop.signal);
    lists.give(list('7'));
    await chunks.asked();
    stop.abort();
    chunks.give(event('8'));
    await ended;
    expect(calls).toEqual(['replace 7', 'synced']);
    expect(reflector.health().watching).toBe(false);
  });

  it('tells a reason for failing once, however often it repeats', async () => {
    const { reflector, calls, lists, clock } = reflectorOf();
    for (let n = 0; n < 100; n += 1) lists.give({});
    const stop = new AbortController();
    const ended = reflector.run(stop.signal);
    await clock.advance(10 * 60_000);
    expect(calls).toEqual(['failed']);
    stop.abort();
    await ended;
  });

  it('tells of a history that has expired only when it has again right after the list', async () => {
    const { reflector, calls, lists, chunks, clock } = reflectorOf();
    const stop = new AbortController();
    const ended = reflector.run(stop.signal);
    for (const [version, so] of [
      ['7', []],
      ['9', ['failed']],
    ] as const) {
      lists.give(list(version));
      await chunks.asked();
      chunks.give(expired(version));
      await eventLoop();
      expect(calls.filter((call) => call === 'failed')).toEqual(so);
      await clock.advance(60_000);
    }
    stop.abort();
    lists.give(list('11'));
    await ended;
  });
});

describe('a second run of a reflector', () => {
  const forever = new AbortController().signal;

  it('lets no event through that the first one still hears', async () => {
    const { reflector, calls, lists, chunks } = reflectorOf();
    const first = reflector.run(forever);
    lists.give(list('7'));
    await chunks.asked();
    void reflector.run(forever);
    lists.give(list('20'));
    await eventLoop();
    chunks.give(event('8'));
    await first;
    chunks.give(event('21'));
    await eventLoop();
    expect(calls).toEqual(['replace 7', 'synced', 'replace 20', 'upsert 21']);
    expect(reflector.health()).toMatchObject({ watching: true, relists: 1, reconnects: 1 });
  });

  it('lets no list through that the first one still waits for, and goes on from its own', async () => {
    const { reflector, calls, lists, chunks, clock, watchedFrom } = reflectorOf();
    const stop = new AbortController();
    const first = reflector.run(stop.signal);
    await lists.asked();
    stop.abort();
    void reflector.run(forever);
    lists.give(list('7'));
    await first;
    lists.give(list('20'));
    await chunks.asked();
    chunks.give(new TextEncoder().encode('<html>\n'));
    await clock.timerOf(800);
    await clock.advance(800);
    expect(calls).toEqual(['replace 20', 'synced', 'failed']);
    expect(watchedFrom).toEqual(['20', '20']);
  });

  it('is not disturbed by the end of the first', async () => {
    const { reflector, lists, chunks, clock } = reflectorOf();
    const first = reflector.run(forever);
    lists.give(list('7'));
    await chunks.asked();
    void reflector.run(forever);
    lists.give(list('20'));
    await eventLoop();
    chunks.give(new TextEncoder().encode('<html>\n'));
    await first;
    expect(reflector.health()).toMatchObject({ watching: true, lastError: undefined });
    // The watch of the second: the first left no back-off behind.
    expect(clock.pending()).toEqual([150_000]);
  });
});

function eventLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
