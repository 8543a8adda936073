import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { auditLog, cluster, exec, kubeconfigPath, kubectl, loadImage } from '../support/cluster.js';

const MINUTES = 60_000;
const IMAGE = 'docker.io/library/debian:bookworm-slim';
const OURS = /\b(KUBE|CNI|JANGAR)-/;

/** Everything the cluster keeps while it runs; images and programs lie beside it. */
const runDirectory = async (): Promise<string> => dirname(await kubeconfigPath());

/** Pids of the processes with the text in their command line. */
async function processesNaming(text: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      return words.replaceAll('\0', ' ').includes(text);
    }),
  );
  return pids.filter((_, index) => found[index]);
}

async function componentPids(): Promise<number[]> {
  const directory = join(await runDirectory(), 'pid');
  const files = await readdir(directory);
  const contents = await Promise.all(files.map((file) => readFile(join(directory, file), 'utf8')));
  return contents.map((content) => Number(content.split(' ')[0]));
}

async function linesOf(program: string, args: readonly string[], pattern: RegExp): Promise<string[]> {
  return (await exec(program, args)).split('\n').filter((line) => pattern.test(line));
}

async function entries(directory: string, pattern: RegExp): Promise<string[]> {
  const names = await readdir(directory).catch(() => []);
  return names.filter((name) => pattern.test(name));
}

/** The machine's ends of the pods' cables. */
const cables = (): Promise<string[]> => entries('/sys/class/net/jangar0/brif', /./);

/** What is on the machine that only a cluster puts there, of these interfaces too; every list is empty on a clean one. */
async function residue(interfaces: readonly string[]) {
  const run = await runDirectory();
  const mounts = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n');
  const groups = ['.', ...(await entries('/sys/fs/cgroup', /./))];
  return {
    processes: await processesNaming(`${run}/`),
    mounts: mounts.filter((line) => line.includes(`${run}/`) || line.includes(join(dirname(run), 'containerd'))),
    interfaces: (await entries('/sys/class/net', /./)).filter((name) => interfaces.includes(name)),
    chains: [...(await linesOf('iptables-save', [], OURS)), ...(await linesOf('ip6tables-save', [], OURS))],
    namespaces: await entries('/run/netns', /^cni-/),
    cgroups: groups.map((group) => `/sys/fs/cgroup/${group}/jangar-cluster`).filter(existsSync),
    shimSockets: await entries('/run/containerd/s', /./),
    logLinks: await entries('/var/log/containers', /./),
    files: existsSync(run) ? [run] : [],
  };
}

const NOTHING = {
  processes: [],
  mounts: [],
  interfaces: [],
  chains: [],
  namespaces: [],
  cgroups: [],
  shimSockets: [],
  logLinks: [],
  files: [],
};

/** Values that neither a cluster nor a kernel has by default. */
const KERNEL_SETTINGS: Readonly<Record<string, string>> = {
  '/proc/sys/kernel/panic': '77',
  '/proc/sys/kernel/panic_on_oops': '0',
  '/proc/sys/kernel/keys/root_maxkeys': '7777',
  '/proc/sys/vm/overcommit_memory': '0',
};

async function kernelSettings(): Promise<Record<string, string>> {
  const paths = Object.keys(KERNEL_SETTINGS);
  const values = await Promise.all(paths.map((path) => readFile(path, 'utf8')));
  return Object.fromEntries(paths.map((path, index) => [path, values[index]?.trim() ?? '']));
}

async function setKernelSettings(settings: Readonly<Record<string, string>>): Promise<void> {
  await Promise.all(Object.entries(settings).map(([path, value]) => writeFile(path, value)));
}

/** Starts a pod that sleeps for so many seconds and waits until it is ready. */
async function startSleeper(name: string, seconds: string): Promise<void> {
  await kubectl(['run', name, `--image=${IMAGE}`, '--image-pull-policy=Never', '--', 'sleep', seconds]);
  await kubectl(['wait', '--for=condition=Ready', `pod/${name}`, '--timeout=120s']);
}

describe('the local cluster', () => {
  beforeAll(() => cluster('up'), 40 * MINUTES);
  // Whatever happened here, the files that follow need a cluster.
  afterAll(() => cluster('up'), 5 * MINUTES);

  it('is left alone by an `up` while it runs', async () => {
    const before = await componentPids();
    expect(await cluster('up')).toContain('already running');
    expect(await componentPids()).toEqual(before);
  }, 60_000);

  it(
    'starts again after all its programs and every shim were killed under running pods',
    async () => {
      await loadImage(IMAGE);
      const seconds = `36${String(process.pid).padStart(8, '0')}`;
      await startSleeper('orphan', seconds);
      const shims = await processesNaming(`-address ${await runDirectory()}/containerd/`);
      expect(shims).not.toEqual([]);

      for (const pid of [...(await componentPids()), ...shims]) process.kill(pid, 'SIGKILL');
      expect(await cluster('up')).toContain('did not end by `down`');

      expect(await processesNaming(`sleep ${seconds}`)).toEqual([]);
      expect(await kubectl(['get', 'pods', '-o', 'name'])).toBe('');
      await startSleeper('successor', seconds);
    },
    5 * MINUTES,
  );

  it('keeps the images that were loaded before it was killed', async () => {
    expect(await cluster('load-image', 'debian:bookworm-slim')).toContain('on the node already');
  }, 60_000);

  it('records who wrote what in its audit log', async () => {
    const created = (await auditLog()).filter(
      ({ verb, objectRef }) => verb === 'create' && objectRef?.resource === 'pods' && objectRef.name === 'successor',
    );
    expect(created.map(({ user, responseStatus }) => [user.username, responseStatus?.code])).toContainEqual([
      'kubernetes-admin',
      201,
    ]);
  });

  it(
    'leaves nothing on the machine when it is taken down, and starts again',
    async () => {
      const interfaces = ['jangar0', ...(await cables())];
      expect(interfaces.length).toBeGreaterThan(1);
      await cluster('down');
      expect(await residue(interfaces)).toEqual(NOTHING);
      expect(await cluster('down')).toContain('not running');
      expect(await cluster('up')).toContain('up: Kubernetes');
    },
    5 * MINUTES,
  );

  it(
    'puts kernel settings back that the kubelet changed',
    async () => {
      await cluster('down');
      const originals = await kernelSettings();
      try {
        await setKernelSettings(KERNEL_SETTINGS);
        await cluster('up');
        expect(await kernelSettings()).toMatchObject({ '/proc/sys/kernel/panic': '10' });
        await cluster('down');
        expect(await kernelSettings()).toEqual(KERNEL_SETTINGS);
      } finally {
        await setKernelSettings(originals);
      }
    },
    5 * MINUTES,
  );

  it('names the process that holds a port it needs', async () => {
    await cluster('down');
    const holder = createServer();
    try {
      await once(holder.listen(6443, '127.0.0.1'), 'listening');
      await expect(cluster('up')).rejects.toThrow(new RegExp(`port 6443 is taken: .*pid=${process.pid}\\b`));
    } finally {
      holder.close();
    }
  }, 60_000);

  it('says which cgroup controllers are missing and how to get them', async () => {
    await cluster('down');
    const withoutCgroups = ['--mount', 'sh', '-c', 'umount -lR /sys/fs/cgroup && hack/cluster/cluster up'];
    await expect(exec('unshare', withoutCgroups)).rejects.toThrow(
      /no cgroup controller for: .*memory.*\nremedy: .*cgroup_enable=memory/,
    );
  }, 60_000);

  it(
    'never takes another process for its own because of a pid',
    async () => {
      const stranger = spawn('sleep', ['3600']);
      try {
        await once(stranger, 'spawn');
        await cluster('down');
        const pids = join(await runDirectory(), 'pid');
        await mkdir(pids, { recursive: true });
        await writeFile(join(pids, 'etcd'), `${stranger.pid ?? 0} 1 of-an-earlier-boot\n`);
        expect(await cluster('up')).toContain('up: Kubernetes');
        expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
      } finally {
        stranger.kill();
      }
    },
    5 * MINUTES,
  );
});
