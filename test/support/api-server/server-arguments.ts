import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { flags } from './flags.js';

const AUDIT_POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [{ level: 'Metadata' }],
};

export interface ServerSettings {
  /** Where the server's files are: its certificate, its audit log and what is written here. */
  directory: string;
  port: number;
  etcdUrl: string;
  /** Bearer token of the administrator. */
  token: string;
  /** Stores built-in kinds in etcd as JSON instead of protobuf. */
  storageJson: boolean;
}

/** Writes what kube-apiserver reads at its start and gives its arguments. */
export async function serverArguments(settings: ServerSettings): Promise<string[]> {
  const { directory, port, etcdUrl, token, storageJson } = settings;
  const file = (name: string): string => join(directory, name);
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  await writeFile(file('sa.key'), privateKey, { mode: 0o600 });
  await writeFile(file('sa.pub'), publicKey);
  await writeFile(file('tokens.csv'), `${token},admin,admin,"system:masters"\n`, { mode: 0o600 });
  await writeFile(file('audit-policy.json'), JSON.stringify(AUDIT_POLICY));
  return flags({
    'etcd-servers': etcdUrl,
    // Nothing is forgotten unless a test asks for it: EtcdHistory reads from the first revision.
    'etcd-compaction-interval': '0',
    'storage-media-type': storageJson ? 'application/json' : 'application/vnd.kubernetes.protobuf',
    'bind-address': '127.0.0.1',
    'secure-port': String(port),
    'cert-dir': directory,
    'token-auth-file': file('tokens.csv'),
    'authorization-mode': 'RBAC',
    'service-account-key-file': file('sa.pub'),
    'service-account-signing-key-file': file('sa.key'),
    'service-account-issuer': 'https://kubernetes.default.svc',
    'service-cluster-ip-range': '10.96.0.0/16',
    // There is no Service network here that the address of this server could be published in.
    'endpoint-reconciler-type': 'none',
    'audit-policy-file': file('audit-policy.json'),
    'audit-log-path': file('audit.log'),
    'audit-log-mode': 'blocking',
  });
}
