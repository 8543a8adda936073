import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { RUNNER_ENV, RUNNER_PATHS } from '../domain/runner-contract.js';
import { RUNNER_SCHEMA_VERSION, type RunnerReport } from '../domain/runner-spec.js';
import { Clone } from './clone.js';
import { gitEnvironment, type GitCredentials } from './git-environment.js';
import { checkReference } from './git-reference.js';
import { parseRemote, type Remote } from './git-url.js';
import { collectMasks } from './mask-values.js';
import type { Program } from './program.js';
import { RunnerFailure } from './runner-failure.js';
import { readRunnerSpec } from './runner-spec.js';
import { workingDirectory, workspaceOf } from './workspace.js';

/**
 * `agent-runner checkout`: clones the repository of the spec. May be repeated: it starts from an empty directory.
 * The report's outputs hold the commit.
 * @throws RunnerFailure CheckoutFailed with the end of what git said, InvalidSpec, or Terminated.
 */
export async function checkout(program: Program): Promise<RunnerReport> {
  const spec = await readRunnerSpec(program.env[RUNNER_ENV.runnerSpec] ?? RUNNER_PATHS.runnerSpec);
  if (spec.git === undefined) throw new RunnerFailure('InvalidSpec', "the runner's spec has no git to check out");
  const { ref, path } = spec.git;
  if (ref !== undefined) checkReference(ref);
  const remote = parseRemote(spec.git.url);
  const workspace = workspaceOf(spec);
  const credentials = await findCredentials(
    program.env['AGENT_RUN_GIT_PATH'] ?? RUNNER_PATHS.gitCredentials,
    remote,
    program,
  );
  const env = gitEnvironment(program.env, workspace.repository, remote, credentials);
  await program.note(`cloning ${remote.url}${ref === undefined ? '' : ` at ${ref}`}`);
  const masks = await collectMasks({}, [], credentials === undefined ? [] : [credentials.directory]);
  const commit = await new Clone({
    wanted: spec.git,
    remote,
    directory: workspace.repository,
    env,
    masks,
    termination: program.termination,
  }).make();
  await workingDirectory(workspace, path ?? '.');
  await program.note(`checked out ${commit}`);
  return { schemaVersion: RUNNER_SCHEMA_VERSION, exitCode: 0, artifacts: [], outputs: { commit } };
}

async function findCredentials(
  directory: string,
  remote: Remote,
  program: Program,
): Promise<GitCredentials | undefined> {
  const has = (file: string): Promise<boolean> =>
    stat(join(directory, file)).then(
      () => true,
      () => false,
    );
  if (remote.transport === 'ssh' && (await has('ssh-privatekey'))) {
    if (await has('known_hosts')) return { directory, kind: 'ssh' };
    const text = "the repository's Secret has no key known_hosts; without it the server's identity cannot be checked";
    throw new RunnerFailure('CheckoutFailed', text);
  }
  if (!(await has('password'))) return undefined;
  if (remote.transport === 'https') return { directory, kind: 'basic' };
  await program.note(`the repository's credentials are not sent over ${remote.transport}`);
  return undefined;
}
