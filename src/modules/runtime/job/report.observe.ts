import { boundText } from '../../../api/meta/text.js';
import { RUNNER_SCHEMA_VERSION, type CollectedArtifact, type RunnerReport } from '../../../domain/runner-spec.js';

const MAX_ARTIFACTS = 50;
const MAX_OUTPUTS = 20;
const FAILURES: readonly NonNullable<RunnerReport['failure']>[] = [
  'Timeout',
  'ArtifactMissing',
  'NotFound',
  'NotExecutable',
  'InvalidSpec',
  'CheckoutFailed',
  'Terminated',
  'RunnerError',
];

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads the runner's report from a termination message. The agent could have written that file, so every field is checked
 * and clamped, and one that does not fit counts as absent.
 */
export function readReport(message: string | undefined): RunnerReport | undefined {
  const raw = parse(message);
  if (raw?.schemaVersion !== RUNNER_SCHEMA_VERSION) return undefined;
  const failure = FAILURES.find((name) => name === raw.failure);
  const usage = readUsage(raw.usage);
  const outputs = readOutputs(raw.outputs);
  return {
    schemaVersion: RUNNER_SCHEMA_VERSION,
    ...(failure && { failure }),
    ...(typeof raw.failureClass === 'string' && { failureClass: boundText(raw.failureClass, 64) }),
    ...(typeof raw.message === 'string' && { message: boundText(raw.message) }),
    exitCode: count(raw.exitCode) ?? 0,
    artifacts: list(raw.artifacts).slice(0, MAX_ARTIFACTS).flatMap(readArtifact),
    ...(usage && { usage }),
    ...(outputs && { outputs }),
    ...(raw.truncated === true && { truncated: true as const }),
  };
}

function readArtifact(value: unknown): CollectedArtifact[] {
  if (!isFields(value)) return [];
  const { name, path, key, sha256 } = value;
  const sizeBytes = count(value.sizeBytes);
  if (typeof name !== 'string' || typeof path !== 'string' || sizeBytes === undefined) return [];
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256)) return [];
  return [
    {
      name: boundText(name, 253),
      path: boundText(path),
      ...(typeof key === 'string' && { key: boundText(key) }),
      sizeBytes,
      sha256,
    },
  ];
}

function readUsage(value: unknown): RunnerReport['usage'] {
  if (!isFields(value)) return undefined;
  const [inputTokens, outputTokens, costMicroUsd] = [value.inputTokens, value.outputTokens, value.costMicroUsd].map(
    count,
  );
  return {
    ...(inputTokens !== undefined && { inputTokens }),
    ...(outputTokens !== undefined && { outputTokens }),
    ...(costMicroUsd !== undefined && { costMicroUsd }),
  };
}

function readOutputs(value: unknown): Record<string, string> | undefined {
  if (!isFields(value)) return undefined;
  const texts = Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return Object.fromEntries(texts.slice(0, MAX_OUTPUTS).map(([name, text]) => [boundText(name, 63), boundText(text)]));
}

function count(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(message: string | undefined): Fields | undefined {
  try {
    const value: unknown = JSON.parse(message ?? '');
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
