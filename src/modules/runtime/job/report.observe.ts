import { boundText } from '../../../api/meta/text.js';
import { BOUNDS } from '../../../api/schema/patterns.js';
import { encodeKey, isArtifactKey } from '../../../domain/artifact-store.js';
import { RUNNER_SCHEMA_VERSION, type CollectedArtifact, type RunnerReport } from '../../../domain/runner-spec.js';

const MAX_ARTIFACTS = 50;
const MAX_OUTPUTS = 20;
/** As an AgentProvider may call an artifact; one of a path with wildcards has the rest of its path after a slash. */
const ARTIFACT_NAME = /^[A-Za-z0-9]([-_.A-Za-z0-9]{0,61}[A-Za-z0-9])?(\/|$)/;
/** As the runner takes them from the agent's status file. */
const OUTPUT_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
const FAILURES: readonly NonNullable<RunnerReport['failure']>[] = [
  'Timeout',
  'ArtifactMissing',
  'UploadFailed',
  'NotFound',
  'NotExecutable',
  'InvalidSpec',
  'CheckoutFailed',
  'Terminated',
  'RunnerError',
];

/** What keys and URLs of an attempt's artifacts begin with. */
export interface StorePrefixes {
  keyPrefix: string;
  urlPrefix: string;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads the runner's report from a termination message. The agent could have written that file, so every field is checked
 * and clamped, and one that does not fit the status's schema counts as absent: the API server would refuse the whole
 * status, and the run would never end.
 * @param store where the attempt's artifacts are stored, if they are
 */
export function readReport(message: string | undefined, store?: StorePrefixes): RunnerReport | undefined {
  const raw = parse(message);
  if (raw?.schemaVersion !== RUNNER_SCHEMA_VERSION) return undefined;
  const failure = FAILURES.find((name) => name === raw.failure);
  const usage = readUsage(raw.usage);
  const outputs = readOutputs(raw.outputs);
  return {
    schemaVersion: RUNNER_SCHEMA_VERSION,
    ...(failure && { failure }),
    ...(typeof raw.failureClass === 'string' && { failureClass: text(raw.failureClass, 64) }),
    ...(typeof raw.message === 'string' && { message: text(raw.message) }),
    exitCode: count(raw.exitCode) ?? 0,
    artifacts: readArtifacts(raw.artifacts, store),
    ...(usage && { usage }),
    ...(outputs && { outputs }),
    ...(raw.truncated === true && { truncated: true as const }),
  };
}

/** The first of each name: names are the keys of `status.artifacts`. */
function readArtifacts(value: unknown, store: StorePrefixes | undefined): CollectedArtifact[] {
  const byName = new Map<string, CollectedArtifact>();
  for (const artifact of list(value).flatMap((each) => readArtifact(each, store))) {
    if (!byName.has(artifact.name)) byName.set(artifact.name, artifact);
  }
  return [...byName.values()].slice(0, MAX_ARTIFACTS);
}

function readArtifact(value: unknown, store: StorePrefixes | undefined): CollectedArtifact[] {
  if (!isFields(value)) return [];
  const { name, path, key, sha256, stored } = value;
  const sizeBytes = count(value.sizeBytes);
  if (!isPath(name) || !ARTIFACT_NAME.test(name) || !isArtifactKey(name) || !isPath(path) || sizeBytes === undefined)
    return [];
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256)) return [];
  const place = store !== undefined && stored === true ? placeOf(store, typeof key === 'string' ? key : name) : {};
  return [{ name, path, ...place, sizeBytes, sha256 }];
}

/** Below the prefix of the attempt, whatever the report says; nowhere when that makes no key that the status takes. */
function placeOf({ keyPrefix, urlPrefix }: StorePrefixes, key: string): { key?: string; url?: string } {
  if (!isArtifactKey(key) || !isPath(keyPrefix + key)) return {};
  const url = urlPrefix + encodeKey(key);
  return { key: keyPrefix + key, ...(url.length <= BOUNDS.url && { url }) };
}

/** A path or key is left out when it is too long: a shorter one would name something else. */
function isPath(value: unknown): value is string {
  return typeof value === 'string' && value.isWellFormed() && [...value].length <= BOUNDS.path;
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
  const texts = Object.entries(value).flatMap(([name, each]): [string, string][] =>
    typeof each === 'string' && OUTPUT_NAME.test(name) ? [[name, text(each)]] : [],
  );
  return Object.fromEntries(texts.slice(0, MAX_OUTPUTS));
}

/** Half a surrogate pair is stored as another character: the status would differ from what is stored for ever. */
function text(value: string, maxBytes?: number): string {
  return boundText(value.toWellFormed(), maxBytes);
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
