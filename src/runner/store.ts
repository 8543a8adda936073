import { once } from 'node:events';
import { chmod, rm } from 'node:fs/promises';
import { RUNNER_ENV, RUNNER_PATHS } from '../domain/runner-contract.js';
import { RUNNER_SCHEMA_VERSION, type RunnerReport } from '../domain/runner-spec.js';
import { maskText } from './masker.js';
import type { Program } from './program.js';
import { readRunnerSpec } from './runner-spec.js';
import { S3Bucket, storeError } from './s3-bucket.js';
import { storeServer } from './store-server.js';
import { readStoreSettings } from './store-settings.js';

/** Everyone who has the directory: the agent's container, whose user is another. */
const OPEN_TO_ALL = 0o666;

/** `agent-runner store`: takes artifacts from a socket and stores them until it is told to stop. */
export async function serveStore(program: Program): Promise<RunnerReport> {
  const { socket, ...settings } = readStoreSettings(program.env);
  const spec = await readRunnerSpec(program.env[RUNNER_ENV.runnerSpec] ?? RUNNER_PATHS.runnerSpec);
  const secrets = [settings.accessKeyId, settings.secretAccessKey];
  const server = storeServer({
    bucket: new S3Bucket(settings),
    keyPrefix: settings.keyPrefix,
    artifacts: spec.outputArtifacts,
    describe: (error) => maskText(storeError(error), secrets),
    note: (line) => void program.note(line),
  });
  // Left by an earlier start of this container.
  await rm(socket, { force: true });
  server.listen(socket);
  await once(server, 'listening');
  await chmod(socket, OPEN_TO_ALL);
  await program.note(`storing artifacts in ${settings.bucket} below ${settings.keyPrefix}`);
  if (!program.termination.aborted) await once(program.termination, 'abort');
  server.close();
  server.closeAllConnections();
  return { schemaVersion: RUNNER_SCHEMA_VERSION, exitCode: 0, artifacts: [] };
}
