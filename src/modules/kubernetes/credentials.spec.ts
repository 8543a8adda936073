import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeClock } from '../../../test/support/fake-clock.js';
import { Credentials } from './credentials.js';

let directory: string;
let clock: FakeClock;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'credentials-'));
  clock = new FakeClock();
});

afterEach(() => rm(directory, { recursive: true }));

const inDirectory = (name: string): string => join(directory, name);

interface Settings {
  cluster?: object;
  user?: object;
}

/** Writes a kubeconfig; JSON is YAML too. */
async function kubeconfig({ cluster = {}, user = {} }: Settings): Promise<string> {
  const path = inDirectory('kubeconfig');
  const config = {
    clusters: [
      { name: 'one', cluster: { server: 'https://one.example:6443/prefix', ...cluster } },
      { name: 'two', cluster: { server: 'https://two.example' } },
    ],
    users: [{ name: 'me', user }],
    contexts: [
      { name: 'first', context: { cluster: 'one', user: 'me' } },
      { name: 'second', context: { cluster: 'two', user: 'me' } },
    ],
    'current-context': 'first',
  };
  await writeFile(path, JSON.stringify(config));
  return path;
}

const projectedToken = (file: string): object => ({
  'auth-provider': { name: 'tokenFile', config: { tokenFile: file } },
});

describe('Credentials', () => {
  it('gives server, headers and certificates of the current context', async () => {
    const path = await kubeconfig({
      cluster: { 'certificate-authority-data': btoa('ca'), 'tls-server-name': 'api' },
      user: { token: 'secret' },
    });
    const access = await new Credentials({ kubeconfig: path }, clock).current();
    expect(access.server.href).toBe('https://one.example:6443/prefix');
    expect(access.headers).toEqual({ Authorization: 'Bearer secret' });
    expect(String(access.tls.ca)).toBe('ca');
    expect(access.tls.servername).toBe('api');
    expect(access.tls.rejectUnauthorized).toBeUndefined();
  });

  it('gives those of another context when it is told so', async () => {
    const source = { kubeconfig: await kubeconfig({}), context: 'second' };
    expect((await new Credentials(source, clock).current()).server.href).toBe('https://two.example/');
  });

  it('reads a rotated token file again once the server refuses the old token', async () => {
    const file = inDirectory('token');
    await writeFile(file, 'old\n');
    const credentials = new Credentials({ kubeconfig: await kubeconfig({ user: projectedToken(file) }) }, clock);
    const old = await credentials.current();
    await writeFile(file, 'new\n');
    expect(await credentials.current()).toBe(old);
    credentials.invalidate(old);
    expect((await credentials.current()).headers).toEqual({ Authorization: 'Bearer new' });
  });

  it('does not read again for a refusal of what has been replaced already', async () => {
    const credentials = new Credentials({ kubeconfig: await kubeconfig({ user: { token: 't' } }) }, clock);
    const old = await credentials.current();
    credentials.invalidate(old);
    const renewed = await credentials.current();
    credentials.invalidate(old);
    expect(await credentials.current()).toBe(renewed);
    expect(renewed).not.toBe(old);
  });

  it('sees rotated certificates after a while', async () => {
    const file = inDirectory('ca.crt');
    await writeFile(file, 'old');
    const credentials = new Credentials(
      { kubeconfig: await kubeconfig({ cluster: { 'certificate-authority': file } }) },
      clock,
    );
    await credentials.current();
    await writeFile(file, 'new');
    await clock.advance(10_000);
    expect(String((await credentials.current()).tls.ca)).toBe('new');
  });

  it('recovers from a failure as soon as its cause is gone', async () => {
    const credentials = new Credentials({ kubeconfig: inDirectory('kubeconfig') }, clock);
    await expect(credentials.current()).rejects.toMatchObject({ code: 'ENOENT' });
    await kubeconfig({ user: { token: 't' } });
    expect((await credentials.current()).headers).toEqual({ Authorization: 'Bearer t' });
  });

  it('says so when there is nothing to read', async () => {
    const { KUBECONFIG, HOME } = process.env;
    delete process.env.KUBECONFIG;
    process.env.HOME = directory;
    try {
      const message = 'neither a kubeconfig nor a service account was found';
      await expect(new Credentials({}, clock).current()).rejects.toThrow(message);
    } finally {
      Object.assign(process.env, { HOME }, KUBECONFIG === undefined ? {} : { KUBECONFIG });
    }
  });

  it.each<[string, Settings, string | undefined, string]>([
    ['a proxy', { cluster: { 'proxy-url': 'http://proxy' } }, undefined, 'proxy-url in a kubeconfig is not supported'],
    ['an unknown context', {}, 'third', 'no such context or cluster'],
    [
      'plain HTTP that was not asked for',
      { cluster: { server: 'http://one' } },
      undefined,
      'HTTP protocol is not allowed',
    ],
  ])('refuses %s', async (_name, settings, context, message) => {
    const source = { kubeconfig: await kubeconfig(settings), context };
    await expect(new Credentials(source, clock).current()).rejects.toThrow(message);
  });
});
