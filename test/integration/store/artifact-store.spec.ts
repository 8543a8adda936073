import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { RunnerSandbox, type SpecChanges, type StartedRunner } from '../../support/runner-sandbox.js';
import { S3Server } from '../../support/s3-server.js';
import type { RunnerSpec } from '../../../src/domain/runner-spec.js';
import { StoreClient } from '../../../src/runner/store-client.js';
import type { StoreSettings } from '../../../src/runner/store-settings.js';

let sandbox: RunnerSandbox;
let s3: S3Server;
/** The store's container of the test. */
let store: StartedRunner | undefined;

beforeAll(async () => {
  [sandbox, s3] = await Promise.all([RunnerSandbox.create(), S3Server.start()]);
});
afterAll(async () => {
  await s3.stop();
  await sandbox.remove();
});
beforeEach(() => sandbox.reset());
afterEach(async () => {
  if (store?.process.exitCode === null && store.process.signalCode === null) {
    const ended = once(store.process, 'exit');
    store.process.kill('SIGKILL');
    await ended;
  }
  store = undefined;
});

let attempts = 0;

function spec(changes: SpecChanges): RunnerSpec {
  return sandbox.spec({ artifactStore: { socket: join(sandbox.directory, 'store.sock') }, ...changes });
}

function settingsOf(keyPrefix: string): Omit<StoreSettings, 'accessKeyId' | 'secretAccessKey'> {
  const { endpoint, bucket } = s3;
  const socket = join(sandbox.directory, 'store.sock');
  return { socket, endpoint, region: 'us-east-1', bucket, forcePathStyle: true, keyPrefix };
}

/** @returns the prefix of its keys */
async function startStore(of: RunnerSpec, changes: Partial<StoreSettings> = {}): Promise<string> {
  attempts += 1;
  const keyPrefix = `runs/team-a/uid/${attempts}/`;
  const { secretAccessKey = s3.secretAccessKey, ...settings } = { ...settingsOf(keyPrefix), ...changes };
  store = await sandbox.start(of, ['store'], {
    AGENT_STORE: JSON.stringify(settings),
    AGENT_STORE_ACCESS_KEY_ID: s3.accessKeyId,
    AGENT_STORE_SECRET_ACCESS_KEY: secretAccessKey,
    AGENT_RUNNER_TERMINATION_PATH: join(sandbox.directory, 'store-termination-log'),
  });
  return keyPrefix;
}

const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex');
const own = async (keyPrefix: string): Promise<string[]> =>
  (await s3.keys()).filter((key) => key.startsWith(keyPrefix)).map((key) => key.slice(keyPrefix.length));

describe('artifacts on a real S3 server', () => {
  it('are the bytes whose size and hash the report has, with a content type, for download only', async () => {
    const wanted = spec({
      script: 'mkdir -p out/unit; printf "# done ✨" > report.md; printf 1 > out/a.json; printf 22 > out/unit/b.json',
      outputArtifacts: [
        { name: 'report', path: 'report.md', key: 'docs/the report.md' },
        { name: 'results', path: 'out/**/*.json' },
      ],
    });
    const keyPrefix = await startStore(wanted);
    const end = await sandbox.run(wanted);
    expect(end.report).toMatchObject({ exitCode: 0 });
    expect(end.report.artifacts.map(({ name, stored }) => [name, stored])).toEqual([
      ['report', true],
      ['results/a.json', true],
      ['results/unit/b.json', true],
    ]);
    expect(await own(keyPrefix)).toEqual(['docs/the report.md', 'results/a.json', 'results/unit/b.json']);
    const object = await s3.get(`${keyPrefix}docs/the report.md`);
    expect(object.content.toString()).toBe('# done ✨');
    expect(object).toMatchObject({ contentType: 'text/markdown', contentDisposition: 'attachment' });
    expect(end.report.artifacts[0]).toMatchObject({ sizeBytes: 10, sha256: sha256(object.content) });
    expect(end.stderr).toContain('agent-runner: artifact name=results/a.json path=out/a.json');
  });

  it('of 12 MiB arrive whole, in parts', async () => {
    const content = randomBytes(12 << 20);
    await writeFile(join(sandbox.repository, 'big'), content);
    const wanted = spec({
      outputArtifacts: [
        { name: 'big', path: 'big' },
        { name: 'empty', path: 'empty' },
      ],
      script: ': > empty',
    });
    const keyPrefix = await startStore(wanted);
    const end = await sandbox.run(wanted);
    expect(end.report.artifacts).toMatchObject([
      { name: 'big', sha256: sha256(content), stored: true },
      { name: 'empty', sizeBytes: 0, stored: true },
    ]);
    expect((await s3.get(`${keyPrefix}big`)).content.equals(content)).toBe(true);
  });

  it('of an agent that is stopped are stored within its grace', async () => {
    const wanted = spec({
      script: 'trap "printf half > fix.patch; exit 0" TERM; echo ready; while :; do sleep 0.01; done',
      outputArtifacts: [{ name: 'patch', path: 'fix.patch' }],
    });
    const keyPrefix = await startStore(wanted);
    const runner = await sandbox.start(wanted);
    await runner.printed('ready');
    runner.process.kill('SIGTERM');
    expect(await runner.end()).toMatchObject({
      code: 143,
      report: { failure: 'Terminated', artifacts: [{ stored: true }] },
    });
    expect((await s3.get(`${keyPrefix}patch`)).content.toString()).toBe('half');
  });

  it.each([
    ['required fails the run', true, 125, 'UploadFailed'],
    ['not required is a message', false, 0, undefined],
  ])('that cannot be stored: one that is %s', async (_, required, code, failure) => {
    const wanted = spec({ script: 'echo x > patch', outputArtifacts: [{ name: 'patch', path: 'patch', required }] });
    await startStore(wanted, { bucket: 'no-such-bucket' });
    const end = await sandbox.run(wanted);
    expect(end.code).toBe(code);
    expect(end.report.failure).toBe(failure);
    expect(end.report.message).toMatch(
      /artifact "patch" \(patch\) was not stored: the store failed: NoSuchBucket \(404\)/,
    );
    expect(end.report.artifacts).toMatchObject([{ name: 'patch', sizeBytes: 2 }]);
    expect(end.report.artifacts[0]).not.toHaveProperty('stored');
  });

  it('say what is wrong with the credentials, and nobody learns them', async () => {
    const wanted = spec({ script: 'echo x > patch', outputArtifacts: [{ name: 'patch', path: 'patch' }] });
    await startStore(wanted, { secretAccessKey: 'a-wrong-secret-key' });
    const end = await sandbox.run(wanted);
    expect(end.report.message).toContain('was not stored: the store failed: SignatureDoesNotMatch (403)');
    expect(`${end.message}${end.stdout}${end.stderr}`).not.toMatch(/a-wrong-secret-key|store-user/);
  });

  it('cannot be put anywhere else by an agent that finds the socket', async () => {
    const before = await s3.keys();
    const keyPrefix = await startStore(spec({ outputArtifacts: [{ name: 'patch', path: 'fix.patch' }] }));
    const client = new StoreClient(join(sandbox.directory, 'store.sock'), 50);
    const put = (key: string): Promise<void> =>
      client.put(
        { key, contentType: 'text/plain', size: 1, open: () => Readable.from(['x']) },
        new AbortController().signal,
      );
    await put('patch');
    for (const key of ['../2/patch', '../../../../elsewhere', '/patch', 'other']) {
      await expect(put(key)).rejects.toThrow('no artifact of this run has this key');
    }
    expect((await s3.keys()).filter((key) => !before.includes(key))).toEqual([`${keyPrefix}patch`]);
  });
});

describe("the store's container", () => {
  it('starts again over the socket of an earlier one, and ends with 0 when it is stopped', async () => {
    const wanted = spec({ script: 'echo x > p', outputArtifacts: [{ name: 'p', path: 'p' }] });
    for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
      await startStore(wanted);
      expect((await sandbox.run(wanted)).report.artifacts).toMatchObject([{ stored: true }]);
      const ended = once(store!.process, 'exit');
      store!.process.kill(signal);
      expect(await ended).toEqual(signal === 'SIGKILL' ? [null, 'SIGKILL'] : [0, null]);
    }
  });

  it('names what is missing in its settings, without a value', async () => {
    const settings = { ...settingsOf('runs/'), endpoint: '' };
    const env = { AGENT_STORE: JSON.stringify(settings), AGENT_STORE_ACCESS_KEY_ID: 'some-access-key' };
    const end = await sandbox.run(spec({}), ['store'], env);
    expect(end).toMatchObject({ code: 125, report: { failure: 'InvalidSpec' } });
    expect(end.report.message).toBe(
      "the store's settings are invalid: endpoint must not be empty; the store's Secret has an empty secretAccessKey",
    );
  });
});
