import { ApiDouble } from '../../../test/support/api-double.js';
import { FakeClock } from '../../../test/support/fake-clock.js';
import { Transport, type TransportRequest } from './transport.js';

const JOB = '/apis/batch/v1/namespaces/a/jobs/j';
/** The lane of one connection: whoever comes second waits. */
const GET: TransportRequest = { method: 'GET', path: JOB, lane: 'lease' };

let api: ApiDouble;
let clock: FakeClock;
let transport: Transport;

beforeEach(async () => {
  api = await ApiDouble.start();
  clock = new FakeClock();
  transport = new Transport(api, clock, { requested: () => undefined }, { version: '1' });
});

afterEach(async () => {
  await transport.close();
  await api.stop();
});

describe('a request with something to ask first', () => {
  const write = (beforeSend: () => void, signal?: AbortSignal) =>
    transport.request({ method: 'PATCH', path: JOB, body: {}, lane: 'lease', beforeSend, signal });

  it('asks once, right before it goes out, and not while it waits for a connection', async () => {
    const before = transport.request(GET);
    const holding = await api.next();
    const asked: string[] = [];
    const waiting = write(() => asked.push('asked'));
    await clock.advance(5000);
    expect(asked).toEqual([]);
    holding.json(200, {});
    await before;
    (await api.next()).json(200, {});
    await waiting;
    expect(asked).toEqual(['asked']);
  });

  it('is not sent when the answer is to abort', async () => {
    const caller = new AbortController();
    await expect(write(() => caller.abort(), caller.signal)).rejects.toMatchObject({ reason: 'Aborted' });
    const next = transport.request(GET);
    const exchange = await api.next();
    expect(exchange.method).toBe('GET');
    exchange.json(200, {});
    await next;
  });

  it('asks again when it is sent again with new credentials', async () => {
    let asked = 0;
    const answer = write(() => (asked += 1));
    (await api.next()).status(401, 'Unauthorized');
    (await api.next()).json(200, {});
    await answer;
    expect(asked).toBe(2);
  });
});

describe('a request that waits for a connection', () => {
  it.each([
    { end: 'its deadline', reason: 'Timeout', ms: 10_000 },
    { end: 'the abort of its caller', reason: 'Aborted', ms: 0 },
  ])('ends with $end, and is not sent any more', async ({ reason, ms }) => {
    const before = transport.request({ ...GET, timeoutMs: 60_000 });
    const holding = await api.next();
    const caller = new AbortController();
    const waiting = transport.request({ ...GET, signal: caller.signal });
    const refused = expect(waiting).rejects.toMatchObject({ reason });
    if (ms > 0) await clock.advance(ms);
    else caller.abort();
    await refused;
    holding.json(200, {});
    await before;
    const after = transport.request({ ...GET, path: `${JOB}-after` });
    const next = await api.next();
    expect(next.path).toBe(`${JOB}-after`);
    next.json(200, {});
    await after;
  });
});
