import { randomBytes } from 'node:crypto';
import { kubectl } from './cluster.js';
import type { Installation } from './installation.js';

const IMAGE = 'docker.io/library/debian:bookworm-slim';
const STORAGE = { accessModes: ['ReadWriteOnce'], storageClassName: '' };
const SIZE = { storage: '1Gi' };

/** A claim on a directory of the node. Kubernetes gives it to the pods' fsGroup, as it does with a disk. */
export class NodeVolume {
  readonly #name = `jangar-test-${randomBytes(3).toString('hex')}`;

  private constructor(private readonly node: string) {}

  static async create(installation: Installation, claim: string): Promise<NodeVolume> {
    const node = await kubectl(['get', 'nodes', '--output=jsonpath={.items[0].metadata.name}']);
    const volume = new NodeVolume(node);
    await volume.#onNode(`mkdir -p /node/${volume.#name}`);
    await kubectl(['create', '--filename', '-'], { input: JSON.stringify(volume.#persistentVolume()) });
    await installation.apply({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: claim },
      spec: { ...STORAGE, volumeName: volume.#name, resources: { requests: SIZE } },
    });
    return volume;
  }

  /** The directories of attempts in it, as `<uid>/<attempt>`. */
  async list(): Promise<string[]> {
    const found = await this.#onNode(`cd /node/${this.#name} && find . -mindepth 2 -maxdepth 2 -printf '%P\\n'`);
    return found.split('\n').filter((line) => line !== '');
  }

  async delete(): Promise<void> {
    await kubectl(['delete', 'persistentvolume', this.#name, '--ignore-not-found']);
    await this.#onNode(`rm -rf /node/${this.#name}`);
  }

  #persistentVolume(): object {
    const terms = [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [this.node] }] }];
    return {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: this.#name },
      spec: {
        ...STORAGE,
        capacity: SIZE,
        persistentVolumeReclaimPolicy: 'Retain',
        local: { path: `/var/tmp/${this.#name}` },
        nodeAffinity: { required: { nodeSelectorTerms: terms } },
      },
    };
  }

  /** Runs a script in a pod that sees the node's `/var/tmp` as `/node`, and gives what it printed. */
  async #onNode(script: string): Promise<string> {
    const name = `${this.#name}-${randomBytes(2).toString('hex')}`;
    const volumeMounts = [{ name: 'node', mountPath: '/node' }];
    const spec = {
      nodeName: this.node,
      restartPolicy: 'Never',
      containers: [{ name: 'shell', image: IMAGE, command: ['bash', '-euc', script], volumeMounts }],
      volumes: [{ name: 'node', hostPath: { path: '/var/tmp' } }],
    };
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default' }, spec };
    await kubectl(['create', '--filename', '-'], { input: JSON.stringify(pod) });
    try {
      await kubectl([
        'wait',
        '-n',
        'default',
        '--for=jsonpath={.status.phase}=Succeeded',
        `pod/${name}`,
        '--timeout=60s',
      ]);
      return await kubectl(['logs', '-n', 'default', name]);
    } finally {
      await kubectl(['delete', 'pod', '-n', 'default', name, '--wait=false']);
    }
  }
}
