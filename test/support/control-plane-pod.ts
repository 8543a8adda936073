import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { eventually } from './eventually.js';
import type { Installation } from './installation.js';

const PROGRAM = '/app/jangar.mjs';
const POD = ['--selector=app.kubernetes.io/instance=jangar'];

interface Pod {
  readonly metadata: { readonly uid: string };
  readonly status: { readonly containerStatuses?: readonly { readonly restartCount: number }[] };
}

/**
 * An installation's control plane as a process of this machine, which is the local cluster's node. A container cannot kill
 * its own first process and a deleted pod ends cleanly: only the host can do to it what an OOM killer does.
 */
export class ControlPlanePod {
  private constructor(private readonly uid: string) {}

  /** The only pod of an installation. */
  static async of(installation: Installation): Promise<ControlPlanePod> {
    const pods = await installation.list<Pod>('pods', ...POD);
    const [pod] = pods;
    if (pod === undefined || pods.length > 1) throw new Error(`${pods.length} control planes, not one`);
    return new ControlPlanePod(pod.metadata.uid);
  }

  /** Pid of the process that runs now, as soon as there is one that is not `but`. */
  process(but?: number): Promise<number> {
    return eventually(async () => {
      const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
      const found = await Promise.all(pids.map((pid) => this.#runs(pid)));
      const pid = pids.map(Number).find((candidate, index) => found[index] === true && candidate !== but);
      if (pid === undefined) throw new Error(`no ${PROGRAM} runs in pod ${this.uid}`);
      return pid;
    }, 60_000);
  }

  async #runs(pid: string): Promise<boolean> {
    const [command, groups] = await Promise.all([read(`/proc/${pid}/cmdline`), read(`/proc/${pid}/cgroup`)]);
    return command.includes(PROGRAM) && groups.includes(this.uid);
  }
}

/** Ends a process with SIGKILL and waits until it is gone. */
export async function kill(pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL');
  await eventually(() => {
    if (existsSync(`/proc/${pid}`)) throw new Error(`process ${pid} is still there`);
  });
}

/** How often the kubelet started the control plane again. */
export async function restartsOf(installation: Installation): Promise<number> {
  const pods = await installation.list<Pod>('pods', ...POD);
  const counts = pods.flatMap(({ status }) => status.containerStatuses ?? []);
  return counts.reduce((sum, { restartCount }) => sum + restartCount, 0);
}

/** All series of /metrics by name and labels, such as `jangar_leader` or `jangar_resync_total{reconciler="agent"}`. */
export async function metricsOf(installation: Installation): Promise<ReadonlyMap<string, number>> {
  const path = `/api/v1/namespaces/${installation.namespace}/services/jangar-agents:80/proxy/metrics`;
  const lines = (await installation.kubectl(['get', '--raw', path])).split('\n');
  return new Map(
    lines.flatMap((line) => {
      const [, series = '', value] = /^(\w+(?:\{.*\})?) (\S+)$/.exec(line) ?? [];
      return value === undefined ? [] : [[series, Number(value)] as const];
    }),
  );
}

/** Nothing, for a process that ended while it was looked at. */
function read(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
