import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { cluster, loadImage } from './cluster.js';
import type { Installation } from './installation.js';
import { ROOT } from './markdown.js';
import { aConfigMap, aSecret, type Applied } from './run-objects.js';

const DIRECTORY = join(ROOT, 'test/support/git-peer');
const PROGRAMS = ['sshd_config', 'start', 'https.mjs', '../../../hack/demo/git-server.ts'];
const SERVER_IMAGE = 'docker.io/jangar-test/git-peer:1';
const PASSWORD = 'peer-pa55-w%rd-7d1c';

/** The image of a checkout that trusts the peer's certificate. */
export const CHECKOUT_IMAGE = 'docker.io/jangar-test/checkout:1';

/** An image of a checkout that takes more memory than the step has. */
export const HUNGRY_IMAGE = 'docker.io/jangar-test/hungry:1';

/** Builds one of the Dockerfile's images, as far as it changed, and makes it known to the node. */
export async function makeImage(image: string, stage: string): Promise<void> {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  const runner = `AGENT_RUNNER_IMAGE=ghcr.io/proompteng/agent-runner:${version}`;
  await cluster(
    'build-image',
    image,
    join(DIRECTORY, 'Dockerfile'),
    DIRECTORY,
    '--target',
    stage,
    '--build-arg',
    runner,
  );
  await loadImage(image);
}

/** The server's objects: a pod under the `restricted` level, reached as `git-peer` by ssh and HTTPS. */
const SERVER: readonly object[] = [
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'git-peer', labels: { app: 'git-peer' } },
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
          name: 'git-peer',
          image: SERVER_IMAGE,
          imagePullPolicy: 'IfNotPresent',
          env: [{ name: 'AUTHORIZATION', value: `Basic ${Buffer.from(`bot:${PASSWORD}`).toString('base64')}` }],
          readinessProbe: { tcpSocket: { port: 8443 }, periodSeconds: 1 },
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
          volumeMounts: [
            { name: 'repositories', mountPath: '/srv/git' },
            { name: 'programs', mountPath: '/opt/git-peer' },
          ],
        },
      ],
      volumes: [
        { name: 'repositories', emptyDir: {} },
        { name: 'programs', configMap: { name: 'git-peer' } },
      ],
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'git-peer' },
    spec: {
      selector: { app: 'git-peer' },
      ports: [
        { name: 'https', port: 443, targetPort: 8443 },
        { name: 'ssh', port: 22, targetPort: 2222 },
      ],
    },
  },
];

/** A git server with a real sshd and with HTTPS inside the cluster; both ask for credentials. */
export class GitPeer {
  private constructor(
    private readonly installation: Installation,
    private readonly privateKey: string,
    private readonly hostKey: string,
  ) {}

  static async serve(installation: Installation): Promise<GitPeer> {
    await makeImage(SERVER_IMAGE, 'server');
    const files = PROGRAMS.map((path) => [basename(path), readFileSync(join(DIRECTORY, path), 'utf8')]);
    await installation.apply(aConfigMap('git-peer', Object.fromEntries(files) as Record<string, string>), ...SERVER);
    await installation.condition('pod/git-peer', 'Ready');
    const peer = (privateKey: string, hostKey: string) => new GitPeer(installation, privateKey, hostKey);
    await peer('', '').run(`ssh-keygen -q -t ed25519 -N '' -f /tmp/key && mv /tmp/key.pub /srv/git/authorized_keys`);
    return peer(await peer('', '').run('cat /tmp/key'), await peer('', '').run('cat /etc/git-peer/ssh_host_key.pub'));
  }

  /** Runs a script of bash in the server, and gives what it printed. */
  run(script: string): Promise<string> {
    return this.installation.kubectl(['exec', '--stdin', 'git-peer', '--', 'bash', '-eus'], script);
  }

  /** Secrets of the types that Kubernetes has for this: the right password and a wrong one, the key with the right host key and with another. */
  get secrets(): Applied[] {
    const known = `git-peer ${this.hostKey}`;
    const other = 'git-peer ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ\n';
    const key = { 'ssh-privatekey': this.privateKey };
    return [
      aSecret('password', { username: 'bot', password: PASSWORD }, 'kubernetes.io/basic-auth'),
      aSecret('wrong-password', { username: 'bot', password: `not-${PASSWORD}` }, 'kubernetes.io/basic-auth'),
      aSecret('key', { ...key, known_hosts: known }, 'kubernetes.io/ssh-auth'),
      aSecret('other-host', { ...key, known_hosts: other }, 'kubernetes.io/ssh-auth'),
    ];
  }

  /** What must be in nothing that a run leaves behind. */
  get values(): string[] {
    return [PASSWORD, this.privateKey.split('\n')[1] ?? ''];
  }
}
