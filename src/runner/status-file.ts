import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { boundText, MAX_MESSAGE_BYTES } from '../api/meta/text.js';
import { errorCode } from './runner-failure.js';

const MAX_BYTES = 64 << 10;
const MAX_OUTPUTS = 20;
const MAX_OUTPUT_BYTES = 512;
const CLASS = /^[A-Za-z]{1,40}$/;
const OUTPUT_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/** What an agent may say of its own run. Untrusted: detail for people, never a verdict. */
export interface AgentStatus {
  message?: string;
  failureClass?: string;
  usage?: { inputTokens?: number; outputTokens?: number; costMicroUsd?: number };
  outputs?: Record<string, string>;
}

/** Replaces secret values in a text. */
type Mask = (text: string) => string;

/** The agent's status file, masked; nothing when it is missing, too large, no regular file or no JSON object. */
export async function readStatusFile(path: string, mask: Mask): Promise<AgentStatus> {
  try {
    // The agent may have put anything there: O_NONBLOCK so that a pipe without a writer does not block, O_NOFOLLOW for links.
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const { size } = await file.stat();
      if (size > MAX_BYTES) return {};
      const buffer = Buffer.alloc(size);
      const { bytesRead } = await file.read(buffer, 0, size, 0);
      return parseAgentStatus(buffer.toString('utf8', 0, bytesRead), mask);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return {};
  }
}

/** Takes what has the right type, masked and within bounds, and drops the rest in silence. */
export function parseAgentStatus(text: string, mask: Mask): AgentStatus {
  const fields = objectOf(parse(text));
  const usage = usageOf(objectOf(fields['usage']));
  const outputs = outputsOf(objectOf(fields['outputs']), mask);
  const failureClass = fields['failureClass'];
  return {
    ...(typeof fields['message'] === 'string' ? { message: clean(fields['message'], mask, MAX_MESSAGE_BYTES) } : {}),
    ...(typeof failureClass === 'string' && CLASS.test(failureClass) ? { failureClass } : {}),
    ...(Object.keys(usage).length > 0 ? { usage } : {}),
    ...(Object.keys(outputs).length > 0 ? { outputs } : {}),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function usageOf(fields: Record<string, unknown>): NonNullable<AgentStatus['usage']> {
  const names = ['inputTokens', 'outputTokens', 'costMicroUsd'];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = fields[name];
      return typeof value === 'number' ? [[name, clamp(value)]] : [];
    }),
  );
}

/** The API's integers are 64 bits; JSON numbers are exact to 2^53 only. `1e400` parses as Infinity. */
function clamp(value: number): number {
  return Math.floor(Math.min(Math.max(value, 0), Number.MAX_SAFE_INTEGER));
}

function outputsOf(fields: Record<string, unknown>, mask: Mask): Record<string, string> {
  const entries = Object.entries(fields).flatMap(([name, value]): [string, string][] =>
    OUTPUT_NAME.test(name) && typeof value === 'string' ? [[name, clean(value, mask, MAX_OUTPUT_BYTES)]] : [],
  );
  return Object.fromEntries(entries.slice(0, MAX_OUTPUTS));
}

/**
 * Masked, within `maxBytes` and without control characters but line ends and tabs: it ends up in terminals and status fields.
 * The cut comes last: what it leaves of a secret is no longer known for one. A secret may hold control characters, and
 * dropping some may put one together: hence twice.
 */
function clean(text: string, mask: Mask, maxBytes: number): string {
  return boundText(mask(mask(text).replaceAll(/(?![\n\t])[\p{Cc}\p{Cs}]/gu, '')), maxBytes);
}
