/** What this module needs to know; the composition root gives it from the configuration. */
export interface KubernetesOptions {
  /** Of this build; sent as `User-Agent: jangar/<version>`. */
  readonly version: string;
  /** Path of a kubeconfig; absent: KUBECONFIG, ~/.kube/config, then the pod's own service account, as kubectl does. */
  readonly kubeconfig?: string | undefined;
  /** Context of the kubeconfig; absent: its current one. */
  readonly context?: string | undefined;
  /** Namespaces whose objects are watched; `*` needs cluster-wide rights. */
  readonly watchNamespaces: readonly string[] | '*';
  /** Name of this replica, usually its pod's; says in events who reported them. */
  readonly instance: string;
}

export const KUBERNETES_OPTIONS = Symbol('KubernetesOptions');
