import { getEventListeners } from 'node:events';
import { ApiDouble } from '../../../test/support/api-double.js';
import { FakeClock } from '../../../test/support/fake-clock.js';
import { ApiError } from './api-error.js';
import { Transport, type TransportRequest } from './transport.js';

const JOB = '/apis/batch/v1/namespaces/a/jobs/j';
const GET: TransportRequest = { method: 'GET', path: JOB };

let api: ApiDouble;
let clock: FakeClock;
let transport: Transport;
let requested: string[];

beforeEach(async () => {
  api = await ApiDouble.start();
  clock = new FakeClock();
  requested = [];
  const observer = { requested: (verb: string, code: number) => requested.push(`${verb} ${code}`) };
  transport = new Transport(api, clock, observer, { version: '1.2.3' });
});

afterEach(async () => {
  await transport.close();
  await api.stop();
});

async function errorOf(work: Promise<unknown>): Promise<ApiError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ApiError) return error;
  throw new Error('expected an ApiError', { cause: error });
}

describe('a request', () => {
  it('sends credentials, user agent, query and body, and gives the parsed answer', async () => {
    const query = { fieldManager: 'm', dryRun: undefined };
    const answer = transport.request({ method: 'POST', path: '/api/v1/namespaces/a/pods', query, body: { a: 1 } });
    const exchange = await api.next();
    expect(exchange).toMatchObject({ method: 'POST', path: '/api/v1/namespaces/a/pods', query: { fieldManager: 'm' } });
    expect(exchange.headers).toMatchObject({
      authorization: 'Bearer token-1',
      'user-agent': 'jangar/1.2.3',
      accept: 'application/json',
      'content-type': 'application/json',
    });
    expect(exchange.body).toEqual({ a: 1 });
    exchange.json(201, { b: 2 });
    expect(await answer).toEqual({ b: 2 });
    expect(requested).toEqual(['create 201']);
  });

  it('shares connections among many requests, and another for each lane', async () => {
    for (let round = 0; round < 20; round += 1) {
      const answer = transport.request(GET);
      (await api.next()).json(200, {});
      await answer;
    }
    // The pool may open a second one while it has not yet seen that the first is free.
    const { connections } = api;
    expect(connections).toBeLessThanOrEqual(2);
    const renewal = transport.request({ ...GET, lane: 'lease' });
    (await api.next()).json(200, {});
    await renewal;
    expect(api.connections).toBe(connections + 1);
  });

  it('is not held up by another lane that waits', async () => {
    const waiting = Array.from({ length: 40 }, () => errorOf(transport.request(GET)));
    for (let arrived = 0; arrived < 32; arrived += 1) await api.next();
    const renewal = transport.request({ ...GET, lane: 'lease' });
    (await api.next()).json(200, { renewed: true });
    expect(await renewal).toEqual({ renewed: true });
    await clock.advance(10_000);
    expect(new Set((await Promise.all(waiting)).map((error) => error.reason))).toEqual(new Set(['Timeout']));
  });
});

describe('a lane of one connection', () => {
  it('goes on over a new one after a request that was never answered', async () => {
    const lost = errorOf(transport.request({ ...GET, lane: 'lease', timeoutMs: 5000 }));
    await api.next();
    await clock.advance(5000);
    expect((await lost).reason).toBe('Timeout');
    const renewal = transport.request({ ...GET, lane: 'lease' });
    (await api.next()).json(200, { renewed: true });
    expect(await renewal).toEqual({ renewed: true });
    expect(api.connections).toBe(2);
  });
});

describe('a refused request', () => {
  it('says what the server said', async () => {
    const failure = errorOf(transport.request({ method: 'PATCH', path: `${JOB}/status`, body: { secret: 'hunter2' } }));
    (await api.next()).status(409, 'Conflict', { message: 'the object has been modified' });
    const error = await failure;
    expect(error.message).toBe('PATCH jobs/status a/j: 409 Conflict: the object has been modified');
    expect(requested).toEqual(['patch 409']);
  });

  it('shows no markup of a proxy and is transient', async () => {
    const failure = errorOf(transport.request(GET));
    (await api.next()).text(502, '<html>secret</html>');
    expect((await failure).message).toBe('GET jobs a/j: 502 Unknown');
  });

  it('carries the wait that was asked for, and is not tried again here', async () => {
    const failure = errorOf(transport.request(GET));
    (await api.next()).status(429, 'TooManyRequests', {}, { 'retry-after': '4' });
    expect((await failure).retryAfterMs).toBe(4000);
    expect(api.unexpected).toEqual([]);
  });

  it('is not followed elsewhere', async () => {
    const failure = errorOf(transport.request(GET));
    (await api.next()).json(302, {}, { location: 'http://169.254.169.254/' });
    expect((await failure).code).toBe(302);
  });
});

describe('credentials that are no longer accepted', () => {
  it('are read again once, and the request is repeated', async () => {
    const answer = transport.request({ method: 'POST', path: '/api/v1/namespaces/a/pods', body: { a: 1 } });
    const first = await api.next();
    api.token = 'token-2';
    first.status(401, 'Unauthorized');
    const second = await api.next();
    expect(second.headers.authorization).toBe('Bearer token-2');
    expect(second.body).toEqual({ a: 1 });
    second.json(201, {});
    await answer;
    expect(api.invalidated).toEqual(['Bearer token-1']);
    expect(requested).toEqual(['create 201']);
  });

  it('are not read for ever', async () => {
    const failure = errorOf(transport.request(GET));
    (await api.next()).status(401, 'Unauthorized');
    (await api.next()).status(401, 'Unauthorized');
    expect((await failure).code).toBe(401);
    expect(api.unexpected).toEqual([]);
  });

  it.each([
    [
      'names the file that is missing',
      Object.assign(new Error("open '/kubeconfig'"), { code: 'ENOENT' }),
      "open '/kubeconfig'",
    ],
    ['quotes nothing of a file that cannot be read', new Error('token: hunter2'), 'CredentialsUnavailable'],
  ])('%s', async (_name, failure, ending) => {
    const source = { current: () => Promise.reject(failure), invalidate: () => undefined };
    const broken = new Transport(source, clock, { requested: () => undefined }, { version: '1' });
    const { message, reason } = await errorOf(broken.request(GET));
    expect([message.endsWith(ending), reason]).toEqual([true, 'CredentialsUnavailable']);
    await broken.close();
  });
});

describe('a request without an answer', () => {
  it('ends at the deadline of its verb', async () => {
    const failure = errorOf(transport.request(GET));
    const exchange = await api.next();
    await clock.advance(10_000);
    expect((await failure).message).toBe('GET jobs a/j: 0 Timeout');
    await exchange.closed();
    expect(requested).toEqual(['get 0']);
  });

  it('ends at the deadline also when the answer stops half-way', async () => {
    const failure = errorOf(transport.request({ ...GET, timeoutMs: 2000 }));
    (await api.next()).open().write('{"a":');
    await clock.advance(2000);
    expect((await failure).reason).toBe('Timeout');
  });

  it('ends with the signal of the caller', async () => {
    const caller = new AbortController();
    const failure = errorOf(transport.request({ ...GET, signal: caller.signal }));
    const exchange = await api.next();
    caller.abort();
    expect((await failure).reason).toBe('Aborted');
    await exchange.closed();
  });

  it('is not sent when the signal has aborted before', async () => {
    expect((await errorOf(transport.request({ ...GET, signal: AbortSignal.abort() }))).reason).toBe('Aborted');
    expect(api.unexpected).toEqual([]);
  });

  it('says that the connection broke', async () => {
    const failure = errorOf(transport.request(GET));
    (await api.next()).reset();
    expect((await failure).message).toMatch(/^GET jobs a\/j: 0 NetworkError: (ECONNRESET|UND_ERR_SOCKET)$/);
  });

  it('says that the answer was cut', async () => {
    const failure = errorOf(transport.request(GET));
    const exchange = await api.next();
    exchange.open().write('{"a":1}');
    exchange.reset();
    expect((await failure).reason).toBe('NetworkError');
  });

  it('says that the answer is not JSON', async () => {
    const failure = errorOf(transport.request(GET));
    (await api.next()).text(200, '<html>');
    expect((await failure).message).toBe('GET jobs a/j: 0 InvalidResponse');
  });

  it('says that nobody listens', async () => {
    await api.stop();
    expect((await errorOf(transport.request(GET))).message).toBe('GET jobs a/j: 0 NetworkError: ECONNREFUSED');
  });

  it('leaves neither a timer nor a listener behind', async () => {
    const { signal } = new AbortController();
    const answer = transport.request({ ...GET, signal });
    (await api.next()).json(200, {});
    await answer;
    expect(clock.pending()).toEqual([]);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

describe('a stream', () => {
  const WATCH = { path: '/api/v1/namespaces/a/pods', query: { watch: 'true' } };
  const text = async (chunks: AsyncIterable<Uint8Array>): Promise<string> => {
    let all = '';
    for await (const chunk of chunks) all += new TextDecoder().decode(chunk);
    return all;
  };

  it('gives the bytes until the server ends them', async () => {
    const opening = transport.stream(WATCH);
    const exchange = (await api.next()).open();
    const stream = await opening;
    exchange.write('one ').write('two').end();
    expect(await text(stream)).toBe('one two');
    expect(requested).toEqual(['watch 200']);
  });

  it('has a deadline for the first byte and none after it', async () => {
    const refused = errorOf(transport.stream(WATCH));
    await api.next();
    await clock.advance(30_000);
    expect((await refused).reason).toBe('Timeout');

    const opening = transport.stream(WATCH);
    const exchange = (await api.next()).open();
    const stream = await opening;
    expect(clock.pending()).toEqual([]);
    exchange.write('late').end();
    expect(await text(stream)).toBe('late');
  });

  it('throws when it breaks', async () => {
    const opening = transport.stream(WATCH);
    const exchange = (await api.next()).open();
    const stream = await opening;
    exchange.reset();
    expect((await errorOf(text(stream))).reason).toBe('NetworkError');
  });

  it('ends with the signal of the caller and frees the connection', async () => {
    const caller = new AbortController();
    const opening = transport.stream({ ...WATCH, signal: caller.signal });
    const exchange = (await api.next()).open();
    const failure = errorOf(text(await opening));
    caller.abort();
    expect((await failure).reason).toBe('Aborted');
    await exchange.closed();
  });

  it('frees the connection when the iteration is left', async () => {
    const opening = transport.stream(WATCH);
    const exchange = (await api.next()).open().write('first');
    const iterator = (await opening)[Symbol.asyncIterator]();
    await iterator.next();
    await iterator.return?.();
    await exchange.closed();
    expect(clock.pending()).toEqual([]);
  });
});
