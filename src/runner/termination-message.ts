import { writeFile } from 'node:fs/promises';
import { boundText, MAX_MESSAGE_BYTES } from '../api/meta/text.js';
import type { RunnerReport } from '../domain/runner-spec.js';

/** The kubelet cuts at this many bytes, and cut JSON is no JSON. */
export const MAX_TERMINATION_BYTES = 4096;

const MAX_CLASS_BYTES = 64;

/**
 * The report as JSON of at most 4,096 bytes, whatever is in it. Nothing is dropped from one that fits; otherwise go, as far
 * as needed and in this order: the end of the message, outputs from the last, artifacts from the last, the message.
 */
export function terminationMessage(report: RunnerReport): string {
  const whole = JSON.stringify(report);
  if (fits(whole)) return whole;
  const shorter: RunnerReport = { ...report, truncated: true };
  if (report.failureClass !== undefined) shorter.failureClass = boundText(report.failureClass, MAX_CLASS_BYTES);
  if (report.message !== undefined) shorter.message = boundText(report.message, MAX_MESSAGE_BYTES);
  const outputs = Object.entries(report.outputs ?? {});
  while (!fits(JSON.stringify(shorter)) && outputs.pop() !== undefined) shorter.outputs = Object.fromEntries(outputs);
  shorter.artifacts = [...report.artifacts];
  while (!fits(JSON.stringify(shorter)) && shorter.artifacts.length > 0) shorter.artifacts.pop();
  // A control character takes six bytes in JSON.
  for (let bytes = MAX_MESSAGE_BYTES / 2; !fits(JSON.stringify(shorter)); bytes = Math.floor(bytes / 2)) {
    shorter.message = boundText(shorter.message ?? '', bytes);
  }
  return JSON.stringify(shorter);
}

/**
 * Writes the termination message in place: the kubelet has mounted this very file.
 * Throws what the file system throws; the exit code has to tell then.
 */
export async function writeTerminationMessage(path: string, report: RunnerReport): Promise<void> {
  await writeFile(path, terminationMessage(report));
}

function fits(text: string): boolean {
  return Buffer.byteLength(text) <= MAX_TERMINATION_BYTES;
}
