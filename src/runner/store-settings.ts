import { STORE_ENV } from '../domain/runner-contract.js';
import { RunnerFailure } from './runner-failure.js';
import { SpecReader } from './spec-reader.js';

/** Everything the store's container is told, credentials included. */
export interface StoreSettings {
  socket: string;
  endpoint: string;
  region: string;
  bucket: string;
  forcePathStyle: boolean;
  /** What every key begins with; ends with a slash. */
  keyPrefix: string;
  accessKeyId: string;
  secretAccessKey: string;
}

/** @throws RunnerFailure InvalidSpec, which lists every problem and no value */
export function readStoreSettings(env: NodeJS.ProcessEnv): StoreSettings {
  let document: unknown;
  try {
    document = JSON.parse(env[STORE_ENV.settings] ?? '');
  } catch {
    throw new RunnerFailure('InvalidSpec', `${STORE_ENV.settings} is not JSON`);
  }
  const reader = new SpecReader(document);
  const settings: StoreSettings = {
    socket: reader.absolutePath('socket'),
    endpoint: reader.string('endpoint'),
    region: reader.string('region'),
    bucket: reader.string('bucket'),
    forcePathStyle: reader.boolean('forcePathStyle'),
    keyPrefix: reader.string('keyPrefix'),
    accessKeyId: (env[STORE_ENV.accessKeyId] ?? '').trim(),
    secretAccessKey: (env[STORE_ENV.secretAccessKey] ?? '').trim(),
  };
  const empty = (['accessKeyId', 'secretAccessKey'] as const).filter((name) => settings[name] === '');
  reader.problems.push(...empty.map((name) => `the store's Secret has an empty ${name}`));
  if (reader.problems.length === 0) return settings;
  throw new RunnerFailure('InvalidSpec', `the store's settings are invalid: ${reader.problems.join('; ')}`);
}
