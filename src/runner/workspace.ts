import { lstat, mkdir, realpath, rm, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import type { RunnerSpec } from '../domain/runner-spec.js';
import { errorCode, errorText, RunnerFailure } from './runner-failure.js';

/** The places of one run below the mount path of its workspace volume. */
export interface Workspace {
  /** A sub-directory, never the volume's root: git refuses a tree that another user owns. */
  readonly repository: string;
  /** The agent's working directory: the repository joined with git.path. */
  readonly directory: string;
  readonly logFile: string;
  readonly statusFile: string;
}

export function workspaceOf(spec: RunnerSpec): Workspace {
  const repository = join(spec.workspace.root, 'repository');
  const state = join(spec.workspace.root, '.agent-run');
  return {
    repository,
    directory: join(repository, spec.git?.path ?? '.'),
    logFile: join(state, 'agent.log'),
    statusFile: join(state, 'status.json'),
  };
}

/**
 * Makes what the agent's start needs and returns the real path of its working directory.
 * A status file of an earlier start goes: it would speak for this one.
 */
export async function prepareWorkspace(spec: RunnerSpec, workspace: Workspace): Promise<string> {
  try {
    await mkdir(dirname(workspace.logFile), { recursive: true });
    await rm(workspace.statusFile, { recursive: true, force: true });
    if (spec.git === undefined) await mkdir(workspace.directory, { recursive: true });
  } catch (error) {
    throw new RunnerFailure('RunnerError', `cannot prepare the workspace: ${errorText(error)}`);
  }
  return workingDirectory(workspace, spec.git?.path ?? '.');
}

/** @throws RunnerFailure CheckoutFailed when git.path is no directory of the repository. */
export async function workingDirectory(workspace: Workspace, gitPath: string): Promise<string> {
  const problem = (text: string): RunnerFailure =>
    new RunnerFailure('CheckoutFailed', `execution.coordinates.git.path "${gitPath}" ${text}`);
  try {
    const [repository, directory] = [await realpath(workspace.repository), await realpath(workspace.directory)];
    if (!isInside(repository, directory)) throw problem('leads out of the repository');
    if (belongsToGit(repository, directory)) throw problem('leads into .git');
    if (!(await stat(directory)).isDirectory()) throw problem('is not a directory in the repository');
    return directory;
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    throw problem(`is not in the repository (${errorCode(error) ?? ''})`);
  }
}

/**
 * The real path that `path` names below `root`; its last parts may be missing. Readers follow symlinks; writers
 * refuse them, or the repository would choose which of its files gets the text of an issue.
 * `root` must be a real path. The check holds only while nobody else writes there.
 * @throws Error when the path leads out of `root`, into a `.git`, through a symlink to nothing, or through a refused one.
 */
export async function resolveInside(root: string, path: string, links: 'follow' | 'refuse'): Promise<string> {
  let current = root;
  for (const part of path.split('/').filter((name) => name !== '' && name !== '.')) {
    const next = join(current, part);
    admit(root, next);
    if (!(await isLink(next))) {
      current = next;
      continue;
    }
    if (links === 'refuse') throw new Error(`"${relative(root, next)}" is a symbolic link`);
    current = await realpath(next);
    admit(root, current);
  }
  return current;
}

function admit(root: string, path: string): void {
  if (!isInside(root, path)) throw new Error('leads out of the working directory');
  if (belongsToGit(root, path)) throw new Error('leads into .git');
}

async function isLink(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isSymbolicLink();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

function isInside(root: string, path: string): boolean {
  return path === root || path.startsWith(root === sep ? sep : root + sep);
}

/** Git runs the commands that its configuration and hooks name. Some file systems take `.GIT` for `.git`. */
function belongsToGit(root: string, path: string): boolean {
  return relative(root, path)
    .split(sep)
    .some((part) => part.toLowerCase() === '.git');
}
