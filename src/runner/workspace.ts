import { lstat, mkdir, realpath, rm, stat } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
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
    const directory = await realpath(workspace.directory);
    if (!isInside(await realpath(workspace.repository), directory)) throw problem('leads out of the repository');
    if (!(await stat(directory)).isDirectory()) throw problem('is not a directory in the repository');
    return directory;
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    throw problem(`is not in the repository (${errorCode(error) ?? ''})`);
  }
}

/**
 * The real path that `relative` names below `root`, with every symlink on the way followed; its last parts may be missing.
 * `root` must be a real path. The check holds only while nobody else writes there.
 * @throws Error when a symlink leads out of `root`, or to nothing.
 */
export async function resolveInside(root: string, relative: string): Promise<string> {
  let current = root;
  for (const part of relative.split('/').filter((name) => name !== '' && name !== '.')) {
    const next = join(current, part);
    const entry = await lstat(next).catch((error: unknown) => {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw error;
    });
    current = entry?.isSymbolicLink() === true ? await realpath(next) : next;
    if (!isInside(root, current)) throw new Error('leads out of the working directory');
  }
  return current;
}

function isInside(root: string, path: string): boolean {
  return path === root || path.startsWith(root === sep ? sep : root + sep);
}
