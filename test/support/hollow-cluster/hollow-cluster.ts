import { type ApiServer, startApiServer } from '../api-server.js';
import { installCrds } from '../api-server.shared.js';
import { EtcdHistory } from '../etcd-history.js';
import { eventually } from '../eventually.js';
import { HollowNode } from '../hollow-node/hollow-node.js';
import type { HollowPod } from '../hollow-node/hollow-pod.types.js';
import type { PodScript } from '../hollow-node/pod-script.js';
import { ControllerManager } from './controller-manager.js';

const START_DEADLINE_MS = 60_000;

/**
 * A Kubernetes without containers: a real kube-apiserver on a real etcd, a real kube-controller-manager (Jobs, garbage
 * collection, namespaces), and one hollow node that plays the pods. Everything that was ever stored is in its history.
 */
export class HollowCluster {
  readonly server: ApiServer;
  readonly history: EtcdHistory;
  readonly #controllers: ControllerManager;
  readonly #node: HollowNode;

  private constructor(server: ApiServer, history: EtcdHistory, controllers: ControllerManager, node: HollowNode) {
    this.server = server;
    this.history = history;
    this.#controllers = controllers;
    this.#node = node;
  }

  /**
   * Whoever starts it stops it; of one that could not start nothing is left.
   *
   * @param scriptOf what each pod does
   */
  static async start(scriptOf: (pod: HollowPod) => PodScript): Promise<HollowCluster> {
    const server = await startApiServer({ storageJson: true });
    const started: { stop(): Promise<void> }[] = [server];
    try {
      const history = await EtcdHistory.start(server.etcdUrl);
      started.unshift(history);
      await installCrds(server);
      const controllers = await ControllerManager.start(server.handle);
      started.unshift(controllers);
      return new HollowCluster(server, history, controllers, await HollowNode.start(server, scriptOf));
    } catch (error) {
      for (const part of started) await part.stop();
      throw error;
    }
  }

  /** Makes a namespace and waits until pods are admitted in it. */
  async createNamespace(name: string): Promise<void> {
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
    await this.server.client.send('POST', '/api/v1/namespaces', { body });
    const account = `/api/v1/namespaces/${name}/serviceaccounts/default`;
    const ready = eventually(async () => {
      const { status } = await this.server.client.send('GET', account);
      if (status !== 200) throw new Error(`namespace ${name} has no service account`);
    }, START_DEADLINE_MS);
    await Promise.race([ready, this.#controllers.failure()]);
  }

  /**
   * Kills the API server and starts it again, and the controllers with it: after a few outages in a row their watches come
   * back only after half a minute.
   */
  async restartServer(): Promise<void> {
    await this.server.restart();
    await this.#controllers.restart();
  }

  async stop(): Promise<void> {
    await this.#node.stop().finally(async () => {
      await this.#controllers.stop();
      await this.history.stop();
      await this.server.stop();
    });
  }
}
