import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { binary } from './api-server/binaries.js';
import { freePort } from './api-server/free-port.js';
import { eventually } from './eventually.js';

/** An object as it is in the bucket. */
export interface StoredObject {
  content: Buffer;
  contentType: string | undefined;
  contentDisposition: string | undefined;
}

/** A real S3 server (versitygw on a directory) with one bucket. */
export class S3Server {
  readonly bucket = 'artifacts';
  readonly accessKeyId = 'store-user';
  readonly secretAccessKey = 'store-secret-of-the-operator';
  readonly #client: S3Client;

  private constructor(
    readonly endpoint: string,
    private readonly directory: string,
    private readonly process: ChildProcess,
  ) {
    const { accessKeyId, secretAccessKey } = this;
    const credentials = { accessKeyId, secretAccessKey };
    this.#client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials });
  }

  /** @param host an address of this machine */
  static async start(host = '127.0.0.1'): Promise<S3Server> {
    const directory = await mkdtemp(join(tmpdir(), 's3-'));
    await Promise.all([mkdir(join(directory, 'data')), mkdir(join(directory, 'meta'))]);
    const address = `${host}:${await freePort()}`;
    const args = ['--port', address, '--quiet', 'posix', '--sidecar', join(directory, 'meta'), join(directory, 'data')];
    const env = { ROOT_ACCESS_KEY_ID: 'store-user', ROOT_SECRET_ACCESS_KEY: 'store-secret-of-the-operator' };
    const child = spawn(binary('versitygw'), args, { env: { ...process.env, ...env }, stdio: 'ignore' });
    const server = new S3Server(`http://${address}`, directory, child);
    await eventually(() => server.#client.send(new CreateBucketCommand({ Bucket: server.bucket })), 20_000);
    return server;
  }

  /** All keys of the bucket, in order. */
  async keys(): Promise<string[]> {
    const { Contents = [] } = await this.#client.send(new ListObjectsV2Command({ Bucket: this.bucket }));
    return Contents.map(({ Key = '' }) => Key);
  }

  async get(key: string): Promise<StoredObject> {
    const answer = await this.#client.send(new GetObjectCommand({ Bucket: this.bucket, Key: key }));
    const content = Buffer.from((await answer.Body?.transformToByteArray()) ?? []);
    return { content, contentType: answer.ContentType, contentDisposition: answer.ContentDisposition };
  }

  async stop(): Promise<void> {
    this.#client.destroy();
    this.process.kill();
    if (this.process.exitCode === null && this.process.signalCode === null) await once(this.process, 'exit');
    await rm(this.directory, { recursive: true, force: true });
  }
}
