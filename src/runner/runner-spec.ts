import { readFile } from 'node:fs/promises';
import type { FailureRule } from '../api/v1alpha1/agent-provider.types.js';
import { RULE_FAILURE_CLASSES } from '../api/v1alpha1/failure-class.js';
import { RUNNER_SCHEMA_VERSION, type RunnerSpec } from '../domain/runner-spec.js';
import { errorText, RunnerFailure } from './runner-failure.js';
import { SpecReader } from './spec-reader.js';

/** Anything longer is a mistake in units. */
const MAX_SECONDS = 365 * 24 * 3600;

/** Reads and checks the file; every problem is named at once, by its path in the document. */
export async function readRunnerSpec(path: string): Promise<RunnerSpec> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new RunnerFailure('InvalidSpec', `cannot read the runner's spec: ${errorText(error)}`);
  }
  return parseRunnerSpec(text);
}

/** @throws RunnerFailure InvalidSpec, which lists every problem. */
export function parseRunnerSpec(text: string): RunnerSpec {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw new RunnerFailure('InvalidSpec', `the runner's spec is not JSON: ${errorText(error)}`);
  }
  const reader = new SpecReader(document);
  const version = reader.string('schemaVersion');
  if (version !== RUNNER_SCHEMA_VERSION) {
    const has = version === '' ? 'has no schemaVersion' : `has schemaVersion "${version}"`;
    throw new RunnerFailure(
      'InvalidSpec',
      `the runner's spec ${has}; this agent-runner reads ${RUNNER_SCHEMA_VERSION}`,
    );
  }
  const spec = build(reader);
  if (reader.problems.length > 0) {
    throw new RunnerFailure('InvalidSpec', `the runner's spec is invalid: ${reader.problems.join('; ')}`);
  }
  return spec;
}

function build(reader: SpecReader): RunnerSpec {
  return {
    schemaVersion: RUNNER_SCHEMA_VERSION,
    workspace: { root: reader.object('workspace').absolutePath('root') },
    ...(reader.has('git') ? { git: git(reader.object('git')) } : {}),
    command: command(reader.object('command')),
    inputFiles: reader.list('inputFiles', (entry) => ({
      path: entry.relativePath('path'),
      content: entry.string('content', { mayBeEmpty: true, mayHoldNul: true }),
    })),
    outputArtifacts: reader.list('outputArtifacts', (entry) => ({
      name: entry.string('name'),
      path: entry.relativePath('path'),
      ...(entry.has('key') ? { key: entry.string('key') } : {}),
      ...(entry.has('required') ? { required: entry.boolean('required') } : {}),
    })),
    ...(reader.has('artifactStore')
      ? { artifactStore: { socket: reader.object('artifactStore').absolutePath('socket') } }
      : {}),
    ...(reader.has('failureRules') ? { failureRules: reader.list('failureRules', failureRule) } : {}),
    timeoutSeconds: reader.number('timeoutSeconds', { above: 0, max: MAX_SECONDS }),
    gracePeriodSeconds: reader.number('gracePeriodSeconds', { min: 0, max: MAX_SECONDS }),
    maskEnv: reader.strings('maskEnv'),
    maskDirectories: reader.strings('maskDirectories'),
  };
}

function git(reader: SpecReader): NonNullable<RunnerSpec['git']> {
  return {
    url: reader.string('url'),
    ...(reader.has('ref') ? { ref: reader.string('ref') } : {}),
    ...(reader.has('path') ? { path: reader.relativePath('path') } : {}),
    ...(reader.has('depth')
      ? { depth: reader.number('depth', { min: 1, max: Number.MAX_SAFE_INTEGER, integer: true }) }
      : {}),
  };
}

function failureRule(reader: SpecReader): FailureRule {
  return {
    class: reader.oneOf('class', RULE_FAILURE_CLASSES),
    ...(reader.has('exitCodes') ? { exitCodes: reader.integers('exitCodes') } : {}),
    ...(reader.has('outputPattern') ? { outputPattern: reader.pattern('outputPattern') } : {}),
  };
}

function command(reader: SpecReader): RunnerSpec['command'] {
  return {
    binary: reader.string('binary'),
    args: reader.strings('args', { mayBeEmpty: true }),
    env: reader.environment('env'),
  };
}
