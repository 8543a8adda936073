import { dirname, join } from 'node:path';
import { binary } from './api-server/binaries.js';
import { cluster, loadImage } from './cluster.js';
import type { Installation } from './installation.js';
import { ROOT } from './markdown.js';
import { aSecret } from './run-objects.js';

const IMAGE = 'docker.io/jangar-test/s3-peer:1';
const ACCESS_KEY = 'store-user';
const SECRET_KEY = 'store-secret-6b2d8f';
/** Where the bucket's objects are files. */
const BUCKET = '/data/objects/artifacts';

/** Values of the store's Secret: they must be nowhere but in the store's container. */
export const STORE_SECRETS: readonly string[] = [ACCESS_KEY, SECRET_KEY];

/** The chart's value `artifactStore` for the server below. */
export const ARTIFACT_STORE = {
  endpoint: 'http://s3-peer:7070',
  bucket: 'artifacts',
  prefix: 'jangar',
  secretName: 'artifact-store',
};

const SERVER: readonly object[] = [
  aSecret(ARTIFACT_STORE.secretName, { accessKeyId: ACCESS_KEY, secretAccessKey: SECRET_KEY }),
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 's3-peer', labels: { app: 's3-peer' } },
    spec: {
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 1,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 65532,
        fsGroup: 65532,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      containers: [
        {
          name: 's3-peer',
          image: IMAGE,
          imagePullPolicy: 'IfNotPresent',
          env: [
            { name: 'ROOT_ACCESS_KEY_ID', value: ACCESS_KEY },
            { name: 'ROOT_SECRET_ACCESS_KEY', value: SECRET_KEY },
          ],
          readinessProbe: { tcpSocket: { port: 7070 }, periodSeconds: 1 },
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
          volumeMounts: [{ name: 'data', mountPath: '/data' }],
        },
      ],
      volumes: [{ name: 'data', emptyDir: {} }],
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 's3-peer' },
    spec: { selector: { app: 's3-peer' }, ports: [{ port: 7070 }] },
  },
];

/** Serves a real S3 server (versitygw) in the installation's namespace, with its Secret, and waits until it is Ready. */
export async function serveS3(installation: Installation): Promise<void> {
  await cluster('build-image', IMAGE, join(ROOT, 'test/support/s3-peer/Dockerfile'), dirname(binary('versitygw')));
  await loadImage(IMAGE);
  await installation.apply(...SERVER);
  await installation.condition('pod/s3-peer', 'Ready');
}

/** SHA-256 of a stored object, as the server's own files have it. */
export async function storedSum(installation: Installation, key: string): Promise<string> {
  const line = await installation.kubectl(['exec', 's3-peer', '--', 'sha256sum', `${BUCKET}/${key}`]);
  return line.slice(0, 64);
}

/** Keys of all stored objects below a prefix, in order. */
export async function storedKeys(installation: Installation, prefix: string): Promise<string[]> {
  const list = ['exec', 's3-peer', '--', 'find', `${BUCKET}/${prefix}`, '-type', 'f'];
  const lines = (await installation.kubectl(list)).trim().split('\n');
  return lines.map((line) => line.slice(BUCKET.length + 1)).toSorted();
}
