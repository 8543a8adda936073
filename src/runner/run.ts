import { RULE_OUTPUT_BYTES } from '../domain/failure-rule.js';
import { RUNNER_ENV, RUNNER_PATHS } from '../domain/runner-contract.js';
import type { RunnerReport, RunnerSpec } from '../domain/runner-spec.js';
import { runAgent, type AgentExit, type SpawnFailure } from './agent-process.js';
import type { Artifacts } from './artifacts.js';
import { CollectionLimit } from './collection-limit.js';
import { writeInputFiles } from './input-files.js';
import { LogFile } from './log-file.js';
import { collectMasks } from './mask-values.js';
import { Masker, maskText } from './masker.js';
import { logfmt } from './note.js';
import { pump } from './output.js';
import { OutputTail } from './output-tail.js';
import type { Program } from './program.js';
import { reportOf, ruleClassOf, spawnFailure, terminatedBeforeStart } from './report.js';
import { errorText, RunnerFailure } from './runner-failure.js';
import { readRunnerSpec } from './runner-spec.js';
import { readStatusFile } from './status-file.js';
import { collectAndStore } from './artifact-upload.js';
import { prepareWorkspace, workspaceOf, type Workspace } from './workspace.js';

/**
 * The default command: runs the agent as the spec says and returns what came of it.
 * @throws RunnerFailure for everything that ends the run before the agent has run.
 */
export async function run(program: Program): Promise<RunnerReport> {
  const spec = await readRunnerSpec(program.env[RUNNER_ENV.runnerSpec] ?? RUNNER_PATHS.runnerSpec);
  const workspace = workspaceOf(spec);
  const env = { ...program.env, ...spec.command.env, [RUNNER_ENV.status]: workspace.statusFile };
  const masks = await collectMasks(env, spec.maskEnv, spec.maskDirectories);
  const directory = await prepareWorkspace(spec, workspace);
  await writeInputFiles(directory, spec.inputFiles);
  if (program.termination.aborted) throw terminatedBeforeStart(program.termination.reason as NodeJS.Signals);
  const log = await openLog(workspace, program);
  const limit = new CollectionLimit(program.termination, spec.gracePeriodSeconds);
  const tail = new OutputTail(RULE_OUTPUT_BYTES);
  try {
    const exit = await execute(program, spec, { env, directory, masks, log, tail });
    if ('spawnError' in exit) throw spawnFailure(exit, spec.command.binary);
    const ending = {
      exit,
      timeoutSeconds: spec.timeoutSeconds,
      ruleClass: ruleClassOf(exit, spec.failureRules ?? [], tail),
      status: await readStatusFile(workspace.statusFile, (text) => maskText(text, masks)),
    };
    // Hashing takes a while; should the kubelet kill the pod meanwhile, the verdict is there already.
    const record = (artifacts: Artifacts): Promise<void> => program.record(reportOf({ ...ending, artifacts }));
    await record({ collected: [], missing: [] });
    const artifacts = await collectAndStore(directory, spec, limit, record);
    await noteArtifacts(artifacts, program, log);
    return reportOf({ ...ending, artifacts });
  } finally {
    await log.close();
  }
}

interface Execution {
  env: NodeJS.ProcessEnv;
  directory: string;
  masks: readonly string[];
  log: LogFile;
  tail: OutputTail;
}

function execute(program: Program, spec: RunnerSpec, execution: Execution): Promise<AgentExit | SpawnFailure> {
  const { env, directory, masks, log, tail } = execution;
  const { binary, args } = spec.command;
  const { timeoutSeconds, gracePeriodSeconds } = spec;
  return runAgent(
    { binary, args, env, directory, timeoutSeconds, gracePeriodSeconds },
    program.termination,
    (stdout, stderr) =>
      Promise.all([
        pump(stdout, new Masker(masks), program.stdout, { log, tail }),
        pump(stderr, new Masker(masks), program.stderr, { log, tail }),
      ]),
  );
}

async function openLog(workspace: Workspace, program: Program): Promise<LogFile> {
  const { logFile } = workspace;
  try {
    return await LogFile.create(
      logFile,
      (why) => void program.note(`${logFile} ends here: ${why}; later output is on standard output only`),
    );
  } catch (error) {
    throw new RunnerFailure('RunnerError', `cannot write the log file: ${errorText(error)}`);
  }
}

/** Lets a reader of the log compare a file with what the run's status says. */
async function noteArtifacts(
  { collected, missing, unstored = [] }: Artifacts,
  program: Program,
  log: LogFile,
): Promise<void> {
  const lines = [
    ...collected.map(
      ({ name, path, sizeBytes, sha256, stored }) =>
        `artifact ${logfmt({ name, path, size: `${sizeBytes}`, sha256 })}${stored ? ' was stored' : ''}`,
    ),
    ...[...missing, ...unstored].map(({ name, path, why }) => `artifact ${logfmt({ name, path })} ${why}`),
  ];
  for (const line of lines) await Promise.all([program.note(line), log.writeLine(`agent-runner: ${line}`)]);
}
