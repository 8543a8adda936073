import { FakeClock } from '../../../test/support/fake-clock.js';
import { Reflector } from './reflector.js';
import { CONFIG_MAPS } from './resource.js';

const LIST = { metadata: { resourceVersion: '7' }, items: [] };
const object = { metadata: { name: 'one', namespace: 'a', uid: 'u1', resourceVersion: '8' } };
const LINE = new TextEncoder().encode(`${JSON.stringify({ type: 'ADDED', object })}\n`);

/** A promise that the test resolves. */
function gate<T>() {
  let open: (value: T) => void = () => undefined;
  const passed = new Promise<T>((resolve) => (open = resolve));
  return { passed, open };
}

/** A reflector whose transport does not listen to signals, as an answer does that is already on its way. */
function reflectorOf(list: Promise<object>, chunk: Promise<Uint8Array>) {
  const calls: string[] = [];
  const watching = gate<undefined>();
  const clock = new FakeClock();
  const transport = {
    request: () => list,
    stream: async function* () {
      watching.open(undefined);
      yield await chunk;
    },
  };
  const sink = {
    replace: () => calls.push('replace'),
    upsert: () => calls.push('upsert'),
    remove: () => calls.push('remove'),
  };
  const reflector = new Reflector({ resource: CONFIG_MAPS, namespace: 'a', labelSelector: undefined }, sink, {
    transport: { request: transport.request, stream: () => Promise.resolve(transport.stream()) },
    clock,
    random: () => 0.5,
    synced: () => calls.push('synced'),
    failed: () => calls.push('failed'),
  });
  return { reflector, calls, clock, watching: watching.passed };
}

describe('Reflector', () => {
  it('keeps a list to itself that arrives after the stop', async () => {
    const list = gate<object>();
    const { reflector, calls } = reflectorOf(list.passed, gate<Uint8Array>().passed);
    const stop = new AbortController();
    const ended = reflector.run(stop.signal);
    stop.abort();
    list.open(LIST);
    await ended;
    expect(calls).toEqual([]);
    expect(reflector.health().synced).toBe(false);
  });

  it('keeps an event to itself that arrives after the stop', async () => {
    const chunk = gate<Uint8Array>();
    const { reflector, calls, watching } = reflectorOf(Promise.resolve(LIST), chunk.passed);
    const stop = new AbortController();
    const ended = reflector.run(stop.signal);
    await watching;
    stop.abort();
    chunk.open(LINE);
    await ended;
    expect(calls).toEqual(['replace', 'synced']);
  });

  it('tells a reason for failing once, however often it repeats', async () => {
    const { reflector, calls, clock } = reflectorOf(Promise.resolve({}), gate<Uint8Array>().passed);
    const stop = new AbortController();
    const ended = reflector.run(stop.signal);
    await clock.advance(10 * 60_000);
    expect(calls).toEqual(['failed']);
    stop.abort();
    await ended;
  });
});
