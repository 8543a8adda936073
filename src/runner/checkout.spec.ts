import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startGitServer, type GitServer, type GitServerOptions } from '../../test/support/git-server.js';
import { RunnerSandbox, type RunnerEnd } from '../../test/support/runner-sandbox.js';
import type { GitCheckout } from '../domain/runner-spec.js';

const ENV = {
  ...process.env,
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  ...Object.fromEntries(
    ['AUTHOR', 'COMMITTER'].flatMap((who) => [
      [`GIT_${who}_NAME`, 'a'],
      [`GIT_${who}_EMAIL`, 'a@example.org'],
    ]),
  ),
};

let sandbox: RunnerSandbox;
let server: GitServer;
let first: string;
let last: string;
let side: string;
let credentials: string;

const git = (...args: string[]): string =>
  execFileSync('git', args, {
    cwd: join(sandbox.directory, 'source'),
    env: ENV,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim();
const inClone = (...args: string[]): string => git('-c', 'safe.directory=*', '-C', sandbox.repository, ...args);

/** main: two commits and the tag v1 on the first; feature/x: one more; refs/pull/7/head: a commit that no branch has. */
async function makeRepository(): Promise<void> {
  const source = join(sandbox.directory, 'source');
  await mkdir(join(source, 'apps/web'), { recursive: true });
  git('init', '-q', '-b', 'main');
  await writeFile(join(source, 'apps/web/page'), 'one');
  await symlink('/etc', join(source, 'outside'));
  await symlink('.git/refs', join(source, 'inside'));
  git('add', '.');
  git('commit', '-qm', 'one');
  first = git('rev-parse', 'HEAD');
  git('tag', '-a', 'v1', '-m', 'v1');
  git('commit', '-q', '--allow-empty', '-m', 'two');
  last = git('rev-parse', 'HEAD');
  git('checkout', '-q', '-b', 'feature/x');
  git('commit', '-q', '--allow-empty', '-m', 'three');
  git('checkout', '-q', '--detach', 'main');
  git('commit', '-q', '--allow-empty', '-m', 'side');
  side = git('rev-parse', 'HEAD');
  git('update-ref', 'refs/pull/7/head', side);
  git('checkout', '-q', 'main');
  git('clone', '-q', '--mirror', source, join(sandbox.directory, 'served/project.git'));
  git('init', '-q', '--bare', join(sandbox.directory, 'served/empty.git'));
}

beforeAll(async () => {
  sandbox = await RunnerSandbox.create();
  await sandbox.reset();
  credentials = join(sandbox.directory, 'credentials');
  await makeRepository();
  server = await startGitServer({ directory: join(sandbox.directory, 'served') });
});
afterAll(async () => {
  await server.close();
  await sandbox.remove();
});
beforeEach(() => sandbox.reset());
afterEach(() => rm(credentials, { recursive: true, force: true }));

function checkout(changes: Partial<GitCheckout> = {}, env: NodeJS.ProcessEnv = {}): Promise<RunnerEnd> {
  const spec = sandbox.spec({ git: { url: `${server.url}/project.git`, ...changes } });
  return sandbox.run(spec, ['checkout'], { AGENT_RUN_GIT_PATH: credentials, ...env });
}

/** Another server for as long as `use` takes. */
async function withServer<T>(options: Partial<GitServerOptions>, use: (server: GitServer) => Promise<T>): Promise<T> {
  const other = await startGitServer({ directory: join(sandbox.directory, 'served'), ...options });
  try {
    return await use(other);
  } finally {
    await other.close();
  }
}

const basic = (user: string): string => `Basic ${Buffer.from(`${user}:pa55 w%rd`).toString('base64')}`;

async function writeCredentials(files: Record<string, string>): Promise<void> {
  for (const [name, content] of Object.entries(files)) await sandbox.file(`credentials/${name}`, content);
}

async function tls(): Promise<{ key: string; cert: string; path: string }> {
  const [key, path] = [join(sandbox.directory, 'tls.key'), join(sandbox.directory, 'tls.crt')];
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
  const request = ['req', ...kind, '-keyout', key, '-out', path, ...subject];
  execFileSync('env', ['openssl', ...request], { stdio: 'ignore' });
  return { key: await readFile(key, 'utf8'), cert: await readFile(path, 'utf8'), path };
}

// Stands in for ssh and the server's sshd: writes down its arguments and runs the command here.
const fakeSsh = (): Promise<string> =>
  sandbox.file(
    'ssh/ssh',
    `#!/bin/sh\nprintf '%s\\n' "$@" >> ${sandbox.directory}/ssh-arguments\nfor last; do :; done\nexec sh -c "$last"\n`,
    0o755,
  );

describe('agent-runner checkout', () => {
  it('checks out the default branch, ready to be worked on', async () => {
    const end = await checkout();
    expect(end.code).toBe(0);
    expect(end.report).toEqual({
      schemaVersion: 'agents.proompteng.ai/runner/v1',
      exitCode: 0,
      artifacts: [],
      outputs: { commit: last },
    });
    expect(inClone('status', '-sb')).toBe('## main...origin/main');
    expect(inClone('rev-list', '--count', 'HEAD')).toBe('2');
    expect(await readFile(join(sandbox.repository, 'apps/web/page'), 'utf8')).toBe('one');
  });

  it.each<[string, Partial<GitCheckout>, () => string, string]>([
    ['a branch', { ref: 'feature/x' }, () => git('rev-parse', 'feature/x'), 'feature/x'],
    ['a full branch name', { ref: 'refs/heads/feature/x' }, () => git('rev-parse', 'feature/x'), 'feature/x'],
    ['a tag', { ref: 'v1' }, () => first, 'HEAD'],
    ['a commit', { ref: 'FIRST' }, () => first, 'HEAD'],
    ['an abbreviated commit', { ref: 'FIRS' }, () => first, 'HEAD'],
    ['a commit that no branch has', { ref: 'SIDE' }, () => side, 'HEAD'],
    ['any other ref', { ref: 'refs/pull/7/head' }, () => side, 'HEAD'],
  ])('checks out %s [AgentRun spec.execution.coordinates.git.{url,ref}]', async (_, { ref }, expected, branch) => {
    const named = { FIRST: first, FIRS: first.slice(0, 9), SIDE: side }[ref ?? ''] ?? ref;
    const end = await checkout({ ref: named ?? 'main' });
    expect(end).toMatchObject({ code: 0, report: { outputs: { commit: expected() } } });
    expect(inClone('rev-parse', '--abbrev-ref', 'HEAD')).toBe(branch);
  });

  it.each([{ ref: 'main' }, {}, { ref: 'LAST' }])(
    'fetches no more history than depth allows (%j) [AgentRun spec.execution.coordinates.git.depth]',
    async ({ ref }) => {
      expect(
        (await checkout({ depth: 1, ...(ref === undefined ? {} : { ref: ref === 'LAST' ? last : ref }) })).code,
      ).toBe(0);
      expect(inClone('rev-list', '--count', 'HEAD')).toBe('1');
    },
  );

  it('starts from an empty directory when it is started again', async () => {
    await checkout();
    await writeFile(join(sandbox.repository, 'left-over'), '');
    await writeFile(join(sandbox.repository, '.git/index.lock'), '');
    expect((await checkout()).code).toBe(0);
    expect(existsSync(join(sandbox.repository, 'left-over'))).toBe(false);
  });

  it('runs no hook, neither of a template nor of the caller’s configuration', async () => {
    const hook = await sandbox.file(
      'template/hooks/post-checkout',
      `#!/bin/sh\ntouch ${sandbox.directory}/hooked\n`,
      0o755,
    );
    const global = await sandbox.file('gitconfig', `[core]\nhooksPath = ${join(hook, '..')}\n`);
    const env = { GIT_TEMPLATE_DIR: join(hook, '../..'), GIT_CONFIG_GLOBAL: global };
    expect((await checkout({}, env)).code).toBe(0);
    expect(existsSync(join(sandbox.directory, 'hooked'))).toBe(false);
    expect(existsSync(join(sandbox.repository, '.git/hooks'))).toBe(false);
  });
});

describe('a checkout that fails', () => {
  it.each<[string, Partial<GitCheckout>, string]>([
    [
      'an unknown ref',
      { ref: 'nope' },
      'execution.coordinates.git.ref "nope" is not a branch, tag or commit of http://127.0.0.1:',
    ],
    [
      'an unknown commit',
      { ref: 'f'.repeat(40) },
      `execution.coordinates.git.ref "${'f'.repeat(40)}" is not a branch, tag or commit of`,
    ],
    [
      'an unknown abbreviated commit',
      { ref: 'ffffffff' },
      'execution.coordinates.git.ref "ffffffff" is not a branch, tag or commit of',
    ],
    [
      'a path that is not there',
      { path: 'apps/api' },
      'execution.coordinates.git.path "apps/api" is not in the repository (ENOENT)',
    ],
    [
      'a path that is a file',
      { path: 'apps/web/page' },
      'execution.coordinates.git.path "apps/web/page" is not a directory in the repository',
    ],
    [
      'a path that is a symlink out',
      { path: 'outside' },
      'execution.coordinates.git.path "outside" leads out of the repository',
    ],
    [
      "a path in git's own directory",
      { path: '.git/refs' },
      'execution.coordinates.git.path ".git/refs" leads into .git',
    ],
    [
      "a path that is a symlink into git's own directory",
      { path: 'inside' },
      'execution.coordinates.git.path "inside" leads into .git',
    ],
  ])('names %s', async (_, changes, message) => {
    const end = await checkout(changes);
    expect(end).toMatchObject({ code: 125, report: { failure: 'CheckoutFailed', exitCode: 125 } });
    expect(end.report.message).toContain(message);
  });

  it('names an unknown repository and what to check', async () => {
    const url = `${server.url}/nothing.git`;
    const end = await checkout({ url });
    expect(end).toMatchObject({ code: 125, report: { failure: 'CheckoutFailed' } });
    expect(end.report.message).toContain(
      `execution.coordinates.git.url ${url} failed: fatal: repository '${url}/' not found`,
    );
    expect(end.report.message).toContain('security.allowedRepositories');
  });

  it('names a repository without commits', async () => {
    const url = `${server.url}/empty.git`;
    expect((await checkout({ url })).report).toMatchObject({
      failure: 'CheckoutFailed',
      message: `${url} has no commits`,
    });
  });

  it('names a host that does not answer', async () => {
    const end = await checkout({ url: 'http://127.0.0.1:1/project.git' });
    expect(end.report.failure).toBe('CheckoutFailed');
    expect(end.report.message).toMatch(/Failed to connect to 127\.0\.0\.1 port 1/);
  });

  it('says that the image has no git', async () => {
    const PATH = join(sandbox.directory, 'node-alone');
    await mkdir(PATH);
    await symlink(process.execPath, join(PATH, 'node'));
    const message = 'git was not found in the image of the checkout step';
    expect(await checkout({}, { PATH })).toMatchObject({ code: 127, report: { failure: 'NotFound', message } });
  });

  it.each<[string, Partial<GitCheckout>]>([
    ['file:///etc', { url: 'file:///etc' }],
    ['ext::', { url: 'ext::sh -c id' }],
    ['an option as URL', { url: '--upload-pack=id' }],
    ['an option as ref', { ref: '--upload-pack=id' }],
    ['a path outside', { path: '../..' }],
  ])('refuses %s before git is started', async (_, changes) => {
    const end = await checkout(changes);
    expect(end).toMatchObject({ code: 125, report: { failure: 'InvalidSpec' } });
    expect(await readdir(sandbox.repository)).toEqual([]);
  });

  it('ends on SIGTERM with git and its helpers', async () => {
    const request = Promise.withResolvers<unknown>();
    await withServer({ silent: true, onRequest: () => request.resolve(undefined) }, async ({ url }) => {
      const runner = await sandbox.start(sandbox.spec({ git: { url: `${url}/project.git` } }), ['checkout']);
      await request.promise;
      runner.process.kill('SIGTERM');
      expect(await runner.end()).toMatchObject({
        code: 143,
        report: { failure: 'Terminated', message: 'the checkout was stopped by SIGTERM' },
      });
    });
  });
});

describe('credentials', () => {
  it.each([
    ['username and password', { username: 'bot\n', password: 'pa55 w%rd\n' }, 'bot'],
    ['a password alone', { password: 'pa55 w%rd' }, 'git'],
  ])('of %s are sent over https, and are nowhere afterwards', async (_, files, user) => {
    await writeCredentials(files);
    const { path, ...certificate } = await tls();
    await withServer({ tls: certificate, authorization: basic(user) }, async ({ url }) => {
      const end = await checkout({ url: `${url}/project.git` }, { GIT_SSL_CAINFO: path });
      expect(end.report).toMatchObject({ exitCode: 0, outputs: { commit: last } });
      expect(await readFile(join(sandbox.repository, '.git/config'), 'utf8')).toContain(`url = ${url}/project.git\n`);
    });
    const found = execFileSync(
      'sh',
      ['-c', `grep -rl 'pa55' ${sandbox.root} ${sandbox.directory}/termination-log || true`],
      { encoding: 'utf8' },
    );
    expect(found).toBe('');
  });

  it('that are refused fail the checkout with the remedy', async () => {
    await writeCredentials({ password: 'wrong-password' });
    const { path, ...certificate } = await tls();
    await withServer({ tls: certificate, authorization: basic('git') }, async ({ url }) => {
      const end = await checkout({ url: `${url}/project.git` }, { GIT_SSL_CAINFO: path });
      expect(end.report.failure).toBe('CheckoutFailed');
      expect(end.report.message).toContain('Authentication failed');
      expect(end.report.message).toContain('security.allowedRepositories');
      expect(end.message + end.stderr).not.toContain('wrong-password');
    });
  });

  it('are never sent over plain http', async () => {
    await writeCredentials({ username: 'bot', password: 'pa55 w%rd' });
    await withServer({ authorization: basic('bot') }, async ({ url, authorizations }) => {
      const end = await checkout({ url: `${url}/project.git` });
      expect(end.report.failure).toBe('CheckoutFailed');
      expect(end.report.message).toContain('could not read Username');
      expect(end.stderr).toContain('credentials are not sent over http');
      expect(new Set(authorizations)).toEqual(new Set([undefined]));
    });
  });

  describe('for ssh', () => {
    it('are the key of the Secret alone, checked against its known_hosts', async () => {
      await writeCredentials({ 'ssh-privatekey': 'key', known_hosts: 'host key' });
      const PATH = `${join(await fakeSsh(), '..')}:${process.env['PATH'] ?? ''}`;
      const end = await checkout({ url: `git@example.org:${sandbox.directory}/served/project.git` }, { PATH });
      expect(end.report).toMatchObject({ exitCode: 0, outputs: { commit: last } });
      const options = await readFile(join(sandbox.directory, 'ssh-arguments'), 'utf8');
      expect(options).toContain(`IdentityFile=${credentials}/ssh-privatekey\n`);
      expect(options).toContain(`UserKnownHostsFile=${credentials}/known_hosts\n`);
      for (const option of ['IdentitiesOnly=yes', 'StrictHostKeyChecking=yes', 'BatchMode=yes', 'git@example.org']) {
        expect(options).toContain(`${option}\n`);
      }
    });

    it('need known_hosts', async () => {
      await writeCredentials({ 'ssh-privatekey': 'key' });
      const end = await checkout({ url: 'git@example.org:a.git' });
      expect(end.report).toMatchObject({ failure: 'CheckoutFailed' });
      expect(end.report.message).toContain('has no key known_hosts');
    });
  });
});
