import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

/** Directories of the programs that hack/cluster builds; asked for once per process. */
let directories: readonly string[] | undefined;

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Path of a program of the local cluster.
 *
 * @throws Error when it was not built yet, with the command that builds it
 */
export function binary(
  name: 'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'kubectl' | 'helm' | 'kubeconform' | 'versitygw',
): string {
  directories ??= execFileSync(resolve('hack/cluster/cluster'), ['bin'], { encoding: 'utf8' }).trim().split(delimiter);
  const found = directories.map((directory) => join(directory, name)).find(isExecutable);
  if (found === undefined) throw new Error(`${name} is not there: build it with hack/cluster/cluster build`);
  return found;
}
