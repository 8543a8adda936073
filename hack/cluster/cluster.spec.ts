import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Outcome {
  readonly output: string;
  readonly errors: string;
  /** The programs that were called, one line each with their arguments. */
  readonly calls: string;
}

let directory: string;

/** Programs found before those of the machine: each notes its call, then does what the shell text says. */
async function stub(programs: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(programs)) {
    const path = join(directory, name);
    await writeFile(path, `#!/bin/sh\necho "${name} $*" >>${directory}/calls\n${text}\n`);
    await chmod(path, 0o755);
  }
}

/** Makes a program of the machine known where PATH is the directory alone. */
async function linkProgram(name: string): Promise<void> {
  const places = (process.env['PATH'] ?? '').split(':').map((place) => join(place, name));
  const found = places.find((place) => existsSync(place));
  if (found !== undefined) await symlink(found, join(directory, name));
}

type Environment = Readonly<Record<string, string | undefined>>;

function execute(program: string, args: readonly string[], env: Environment): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const PATH = `${directory}:${process.env['PATH'] ?? ''}`;
    const settings = { env: { ...process.env, JANGAR_CACHE: join(directory, 'cache'), PATH, ...env } };
    execFile(program, args, settings, (_error, output, errors) => {
      const calls = readFile(join(directory, 'calls'), 'utf8').catch(() => '');
      calls.then((text) => {
        resolve({ output, errors, calls: text });
      }, reject);
    });
  });
}

const run = (args: readonly string[], env: Environment = {}): Promise<Outcome> =>
  execute('hack/cluster/cluster', args, env);

/** Runs shell text among the functions of hack/cluster/lib. */
const runText = (text: string): Promise<Outcome> =>
  execute('bash', ['-c', `source hack/cluster/cluster help >/dev/null\n${text}`], {});

/** A kubectl whose current context has this name; the cluster is marked as the tool's that made it. */
const inContext = (name: string, cluster = '', maker = ''): string =>
  `case "$1 $2" in "config current-context") echo ${name} ;; "config view") echo ${cluster} ${maker} ;; esac`;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'jangar-'));
});

afterEach(() => rm(directory, { recursive: true }));

describe('hack/cluster/cluster', () => {
  it('refuses a verb it does not know and lists those it knows', async () => {
    const { errors } = await run(['frobnicate']);
    expect(errors).toContain('no such verb: frobnicate');
    expect(errors).toContain('load-image IMAGE');
  });

  it('refuses a kind of cluster it does not know', async () => {
    expect((await run(['up'], { CLUSTER: 'mine' })).errors).toMatch(
      /CLUSTER=mine is not known\nremedy: .*CLUSTER=current/,
    );
  });

  it('says that it must be root, and what else there is', async () => {
    await stub({ id: 'echo 1000', uname: 'echo Linux' });
    expect((await run(['up'])).errors).toMatch(
      /must be root.*\nremedy: .*sudo env "PATH=\$PATH" make .*CLUSTER=current/,
    );
  });

  it.each([
    ['HOME is not set', { HOME: undefined, XDG_CACHE_HOME: undefined, JANGAR_CACHE: undefined }, 'JANGAR_CACHE'],
    [
      'the path cache is not absolute',
      { JANGAR_CACHE: 'cache' },
      `JANGAR_CACHE to an absolute path, such as ${process.cwd()}/cache`,
    ],
  ])('says that %s', async (reason, env, remedy) => {
    const { errors } = await run(['kubeconfig'], env);
    expect(errors.split('\nremedy: ')[0]).toContain(reason);
    expect(errors.split('\nremedy: ')[1]).toContain(remedy);
  });

  it('needs no HOME where JANGAR_CACHE is set', async () => {
    const { output, errors } = await run(['env'], { HOME: undefined });
    expect(errors).toBe('');
    expect(output).toContain(`export KUBECONFIG=${directory}/cache/cluster/kubeconfig\n`);
  });

  it('refuses a path in which the sockets would not fit', async () => {
    await stub({ id: 'echo 0', uname: 'echo Linux' });
    const { errors } = await run(['up'], { JANGAR_CACHE: `/tmp/${'x'.repeat(80)}` });
    expect(errors).toMatch(/too long for Unix sockets\nremedy: .*JANGAR_CACHE/);
  });

  it('says which Go it needs when the one that is there is too old', async () => {
    await stub({ go: 'echo go1.19.8' });
    expect((await run(['build'])).errors).toMatch(/Go 1\.19\.8 is too old\nremedy: .*Go 1\.21/);
  });
});

describe('hack/cluster/lib', () => {
  it('does not wait for ever for processes that do not die', async () => {
    const { errors } = await runText(`
      kill() { SECONDS=$((SECONDS + 30)); }
      kill_all pods printf '41\\n42\\n'`);
    expect(errors).toMatch(/processes of pods do not die: 41 42\nremedy: .*state D/);
  });
});

describe('Debian packages', () => {
  const none = 'cat /dev/null';
  const removal = `case $1 in install) printf '%s\\n' 'The following packages will be REMOVED:' '  containerd.io docker-ce' 'The following NEW:' '  jq'; exit 100 ;; esac`;

  it('are not installed in the place of others', async () => {
    await stub({ 'dpkg-query': none, 'apt-get': removal });
    const { calls, errors } = await runText('PACKAGES=(debian-archive-keyring kmod)\ninstall_packages');
    expect(calls).toContain('apt-get install --yes --no-remove --no-install-recommends debian-archive-keyring kmod');
    expect(errors).toMatch(/would remove containerd\.io docker-ce\nremedy: .*CLUSTER=current/);
  });

  it('are not installed for programs that are there', async () => {
    const programs = { containerd: '', ctr: '', 'containerd-shim-runc-v2': '', runc: '' };
    await stub({ 'dpkg-query': none, 'apt-get': '', ...programs });
    const { calls } = await runText('PACKAGES=(containerd runc kmod)\ninstall_packages');
    expect(calls).toContain('--no-install-recommends kmod\n');
  });

  const containerd = (version: string): Promise<void> =>
    stub({ containerd: `echo containerd containerd.io ${version} fcd43222` });

  it.each(['1.6.20~ds1', '1.7.28'])('may bring containerd %s', async (version) => {
    await containerd(version);
    expect((await runText('require_containerd')).errors).toBe('');
  });

  it.each(['1.4.13~ds1', '2.1.5'])('may not bring containerd %s', async (version) => {
    await containerd(`v${version}`);
    expect((await runText('require_containerd')).errors).toMatch(
      new RegExp(`containerd ${version} .*1\\.6 or 1\\.7\nremedy: .*CLUSTER=current`),
    );
  });
});

describe('images', () => {
  it('says which step of the work aside failed, and shows the end of its log', async () => {
    const { errors } = await runText(`
      begin_building() { :; }
      base_images_are_made() { false; }
      base_is_made() { false; }
      build_binaries() { :; }
      bootstrap_debian() { echo 'E: no mirror answers'; false; }
      prepare_software`);
    expect(errors).toContain(
      'step failed: base image docker.io/library/debian:bookworm-slim made\nE: no mirror answers\n',
    );
    expect(errors).toMatch(/remedy: .*\/debian\.log\n/);
    expect(errors).toMatch(/base images could not be made\nremedy: .*\/base-images\.log/);
  });

  it.each(['cluster_load_image a b', 'load_system_images', 'make_system_images'])(
    '%s takes the lock of builds, once',
    async (text) => {
      await stub({ flock: '', buildah: 'echo sha256:1', ctr: '' });
      const { calls, errors } = await runText(`
        mkdir -p "$RUN"
        require_root() { :; }
        is_running() { :; }
        prepare_storage() { :; }
        load_image() { bh images; }
        import_image() { bh push; }
        discard_half_built() { :; }
        ${text}`);
      expect(errors).toBe('');
      expect(calls).toMatch(/^flock -n 7\n(buildah|ctr) /);
      expect(calls.match(/flock/g)).toHaveLength(1);
    },
  );
});

describe('what a cluster leaves on a machine', () => {
  const changed = `
    SYSCTL=$JANGAR_CACHE/sys
    mkdir -p "$RUN" "$SYSCTL/vm" "$SYSCTL/kernel/random"
    echo of-this-boot >"$SYSCTL/kernel/random/boot_id"
    echo 0 >"$SYSCTL/vm/overcommit_memory"
    echo 10 >"$SYSCTL/kernel/panic"
    save_kernel_settings
    echo 1 >"$SYSCTL/vm/overcommit_memory"`;
  const table = `
    chains() { printf ':%s - [0:0]\\n' KUBE-SERVICES JANGAR-INPUT CNI-1; printf '%s\\n' '-A INPUT -j KUBE-SERVICES' '-A INPUT -j JANGAR-INPUT'; }
    iptables-save() { [ "$2" != filter ] || chains; }
    ip6tables-save() { :; }
    iptables-restore() { cat; }
    remove_bridge() { :; }
    network_down`;
  const reboot = 'echo of-an-earlier-boot >"$RUN/boot"';

  it('loses the kernel settings that were changed, and no others', async () => {
    const { output } = await runText(`${changed}\nrestore_kernel_settings\ncat "$SYSCTL/vm/overcommit_memory"`);
    expect(output.trim()).toMatch(/^kernel settings put back: vm\.overcommit_memory=0\n0$/);
  });

  it('has lost its kernel settings already by a reboot', async () => {
    expect(
      (await runText(`${changed}\n${reboot}\nrestore_kernel_settings\ncat "$SYSCTL/vm/overcommit_memory"`)).output,
    ).toBe('1\n');
  });

  it('loses its own chains and those of the Kubernetes programs', async () => {
    const { output } = await runText(`${changed}\n${table}`);
    expect(output.trim().split('\n')).toEqual([
      '*filter',
      ':KUBE-SERVICES - [0:0]',
      ':JANGAR-INPUT - [0:0]',
      '-D INPUT -j KUBE-SERVICES',
      '-D INPUT -j JANGAR-INPUT',
      '-X KUBE-SERVICES',
      '-X JANGAR-INPUT',
      'COMMIT',
    ]);
  });

  it('does not take the chains of another Kubernetes along after a reboot', async () => {
    const { output } = await runText(`${changed}\n${reboot}\n${table}`);
    expect(output).toContain('-X JANGAR-INPUT');
    expect(output).not.toContain('KUBE');
  });
});

describe('hack/cluster/cluster with CLUSTER=current', () => {
  const current = { CLUSTER: 'current' };

  it('uses the cluster of the current context as it is', async () => {
    await stub({ kubectl: inContext('prod'), helm: '' });
    expect((await run(['up'], current)).output).toContain('using the cluster of the current context, prod');
  });

  it('says that the cluster does not answer', async () => {
    await stub({ kubectl: 'case "$*" in *current-context) echo kind-dev ;; *) exit 1 ;; esac', helm: '' });
    expect((await run(['up'], current)).errors).toMatch(/context kind-dev does not answer\nremedy: /);
  });

  it('says that there is no current context', async () => {
    await stub({ kubectl: 'exit 1', helm: '' });
    expect((await run(['up'], current)).errors).toMatch(/no current kubeconfig context\nremedy: .*kind create cluster/);
  });

  it.each(['up', 'env'])('%s says what is missing of the programs it needs', async (verb) => {
    await Promise.all(['bash', 'dirname', 'awk', 'cat', 'cut', 'sha256sum'].map(linkProgram));
    const { errors } = await run([verb], { ...current, PATH: directory });
    expect(errors).toMatch(/kubectl is missing\nremedy: .*cluster build/);
    await stub({ kubectl: '' });
    expect((await run([verb], { ...current, PATH: directory })).errors).toMatch(
      /helm is missing\nremedy: .*cluster build/,
    );
  });

  it('prints an environment that holds with blanks in paths', async () => {
    await stub({ kubectl: '', helm: '' });
    const env = { ...current, KUBECONFIG: '/tmp/a b/$config', JANGAR_CACHE: '/tmp/a  b' };
    await writeFile(join(directory, 'env'), (await run(['env'], env)).output);
    const { output } = await runText(`source "${directory}/env"; echo "$KUBECONFIG"; echo "$PATH"`);
    expect(output).toMatch(/^\/tmp\/a b\/\$config\n.*:\/tmp\/a {2}b\/bin\/kubernetes-/);
  });

  it.each([
    ['kind-dev', '', '', 'kind load docker-image --name dev jangar:dev'],
    ['minikube', 'minikube', 'minikube.sigs.k8s.io', 'minikube --profile minikube image load jangar:dev'],
    ['mine', 'second', 'minikube.sigs.k8s.io', 'minikube --profile second image load jangar:dev'],
  ])('loads images into %s with its own tool', async (context, name, maker, call) => {
    await stub({ kubectl: inContext(context, name, maker), kind: '', minikube: '' });
    expect((await run(['load-image', 'jangar:dev'], current)).calls).toContain(call);
  });

  it('says that any other cluster needs a registry', async () => {
    await stub({ kubectl: inContext('prod') });
    expect((await run(['load-image', 'jangar:dev'], current)).errors).toMatch(/context prod\nremedy: .*registry/);
  });

  it('builds images with docker', async () => {
    await stub({ docker: '' });
    const { calls } = await run(['build-image', 'jangar:dev', 'Dockerfile', '.', '--target', 'runner'], current);
    expect(calls).toContain('docker build --quiet --file Dockerfile --tag jangar:dev --target runner .');
  });
});
