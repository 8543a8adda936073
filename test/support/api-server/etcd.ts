import { join } from 'node:path';
import { request } from 'undici';
import { binary } from './binaries.js';
import { flags } from './flags.js';
import { freePort } from './free-port.js';
import { ServerProcess } from './server-process.js';

/** Starts an etcd that keeps its data in `directory`; it listens on the loopback address without TLS. */
export async function startEtcd(directory: string): Promise<{ etcd: ServerProcess; url: string }> {
  const [client, peer] = [await freePort(), await freePort()];
  const [url, peerUrl] = [`http://127.0.0.1:${client}`, `http://127.0.0.1:${peer}`];
  const args = flags({
    'data-dir': join(directory, 'etcd'),
    'listen-client-urls': url,
    'advertise-client-urls': url,
    'listen-peer-urls': peerUrl,
    'initial-advertise-peer-urls': peerUrl,
    'initial-cluster': `default=${peerUrl}`,
    'unsafe-no-fsync': 'true',
  });
  return { etcd: new ServerProcess('etcd', binary('etcd'), args, join(directory, 'etcd.log')), url };
}

/** What every answer of etcd's JSON gateway has; its 64-bit numbers are texts. */
interface EtcdAnswer {
  header?: { revision?: string };
  /** Of a refusal. */
  message?: string;
}

async function call(etcdUrl: string, method: string, body: object): Promise<EtcdAnswer> {
  const answer = await request(`${etcdUrl}/v3/kv/${method}`, { method: 'POST', body: JSON.stringify(body) });
  const parsed = (await answer.body.json()) as EtcdAnswer;
  if (answer.statusCode !== 200) throw new Error(`etcd refused ${method}: ${parsed.message ?? answer.statusCode}`);
  return parsed;
}

/** The revision of the last write that etcd accepted. */
export async function etcdRevision(etcdUrl: string): Promise<number> {
  const { header } = await call(etcdUrl, 'range', { key: btoa('/'), keys_only: true });
  return Number(header?.revision);
}

/** Forgets every revision before the current one. */
export async function compactEtcd(etcdUrl: string): Promise<void> {
  const revision = await etcdRevision(etcdUrl);
  await call(etcdUrl, 'compaction', { revision: String(revision), physical: true }).catch((error: unknown) => {
    // Nothing was written since the last time.
    if (!(error instanceof Error && error.message.endsWith('has been compacted'))) throw error;
  });
}
