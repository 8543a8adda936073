import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, posix, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { KEY_VARIABLE } from './invocation.js';

/** The status file, which gets the message, may have 64 KiB. In UTF-16 units. */
const MAX_ERROR_LENGTH = 4096;

/** A checked-out repository, and the commit that it was at when the agent began. */
export class Checkout {
  private constructor(
    private readonly root: string,
    private readonly commit: string,
    /** Paths below the root. */
    private readonly ownFiles: readonly string[],
  ) {}

  /**
   * @param directory anywhere inside
   * @param ownFiles codex-agent's, relative to the directory: no change of them counts, and the agent's commits leave them out
   */
  static async open(directory: string, ownFiles: readonly string[]): Promise<Checkout> {
    const shown = await git(directory, ['rev-parse', '--show-toplevel', 'HEAD', '--git-path', 'info/exclude']);
    const [root = '', commit = '', exclude = ''] = shown.split('\n');
    const prefix = (await git(directory, ['rev-parse', '--show-prefix'])).trimEnd();
    const paths = ownFiles.map((file) => posix.join(prefix, file));
    const excludeFile = resolve(directory, exclude);
    await mkdir(dirname(excludeFile), { recursive: true });
    await appendFile(excludeFile, paths.map((path) => `/${escaped(path)}\n`).join(''));
    return new Checkout(root, commit, paths);
  }

  /**
   * Writes everything that differs from that commit now, whether it was committed, staged, left alone or never known to git,
   * as a patch that `git apply` takes. Ignored files are left out; an empty file says that nothing changed.
   */
  async writePatch(file: string): Promise<void> {
    // Half a patch, of a container that was killed meanwhile, would be an artifact like a whole one.
    const part = `${file}.part`;
    await mkdir(dirname(file), { recursive: true });
    // Git would write through a link that the repository, or the agent, has put there.
    for (const path of [file, part]) await rm(path, { recursive: true, force: true });
    const scratch = await mkdtemp(join(tmpdir(), 'codex-agent-'));
    // The agent's own index stays as it left it.
    const env = { GIT_INDEX_FILE: join(scratch, 'index') };
    try {
      await git(this.root, ['read-tree', this.commit], env);
      // A directory that is a repository without a commit cannot be added; all the rest is, and git then exits with 1.
      const others = this.ownFiles.map((path) => `:(top,exclude,literal)${path}`);
      await git(this.root, ['add', '--all', '--ignore-errors', '--', ':/', ...others], env, [0, 1]);
      // Plumbing: how the repository's configuration wants patches to look does not count.
      const form = ['--cached', '--patch', '--binary', '--find-renames', '--no-ext-diff', '--no-textconv'];
      await git(this.root, ['diff-index', ...form, `--output=${resolve(part)}`, this.commit, '--'], env);
      await rename(part, file);
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  }
}

/** As a pattern of .gitignore that matches nothing else. */
function escaped(path: string): string {
  return path.replaceAll(/[\\*?[\] ]/g, String.raw`\$&`);
}

async function git(
  directory: string,
  args: readonly string[],
  variables: NodeJS.ProcessEnv = {},
  expected: readonly unknown[] = [0],
): Promise<string> {
  // No hook runs on the way, and no configuration counts that the repository brings along in a directory that looks like git's.
  const settings = ['core.hooksPath=/dev/null', 'core.fsmonitor=false', 'safe.bareRepository=explicit'];
  // Filters do run: they are part of what a file's content is. The agent may have set up its own, and they need no key.
  const env: NodeJS.ProcessEnv = { ...process.env, ...variables, [KEY_VARIABLE]: undefined };
  const child = spawn('git', [...settings.flatMap((setting) => ['-c', setting]), ...args], {
    cwd: directory,
    env,
    // A group of its own: agent-runner signals all of the agent's, and what was done so far is still to be written down.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>,
  ]);
  if (expected.includes(code)) return stdout;
  // The end says why it gave up; before it there may be a line for each file.
  const why = stderr.trim().slice(-MAX_ERROR_LENGTH) || `ended by ${signal ?? `code ${code}`}`;
  throw new Error(`git ${args[0] ?? ''}: ${why}`);
}
