import { describe, expect, it } from '@jest/globals';
import { aReport } from '../../../../test/support/builders/job.js';
import { readReport } from './report.observe.js';

const SHA = 'a'.repeat(64);

describe("the runner's report", () => {
  it('is read as the runner wrote it', () => {
    const report = {
      message: 'done',
      artifacts: [{ name: 'report', path: 'report.md', key: 'k', sizeBytes: 5, sha256: SHA }],
      usage: { inputTokens: 1, outputTokens: 2, costMicroUsd: 3 },
      outputs: { branch: 'x' },
      truncated: true as const,
    };
    expect(readReport(aReport(report))).toMatchObject(report);
  });

  it.each([
    ['no message', undefined],
    ['an empty message', ''],
    ['text', 'panic: boom'],
    ['JSON that is cut', aReport().slice(0, -3)],
    ['a list', '[]'],
    ['null', 'null'],
    ['another schema', JSON.stringify({ schemaVersion: 'other/v1' })],
  ])('counts as absent when it is %s', (_name, message) => {
    expect(readReport(message)).toBeUndefined();
  });

  it.each([
    ['a size that is negative', { name: 'n', path: 'p', sizeBytes: -1, sha256: SHA }],
    ['a size that is a text', { name: 'n', path: 'p', sizeBytes: '1', sha256: SHA }],
    ['a sum that is none', { name: 'n', path: 'p', sizeBytes: 1, sha256: 'nope' }],
    ['no name', { path: 'p', sizeBytes: 1, sha256: SHA }],
    ['no object', 7],
  ])('leaves an artifact out that has %s', (_name, artifact) => {
    expect(readReport(aReport({ artifacts: [artifact as never] }))?.artifacts).toEqual([]);
  });

  it.each([
    ['a verdict of its own', { failure: 'Succeeded' }, 'failure'],
    ['a message that is no text', { message: { a: 1 } }, 'message'],
    ['usage that is no object', { usage: 5 }, 'usage'],
    ['outputs that are a list', { outputs: ['x'] }, 'outputs'],
  ])('ignores %s', (_name, fields, field) => {
    expect(readReport(aReport(fields as never))).not.toHaveProperty(field);
  });

  it('bounds texts, artifacts and outputs', () => {
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`k${index}`, 'v'.repeat(9000)]));
    const artifact = { name: 'n', path: 'p', sizeBytes: 1, sha256: SHA };
    const report = readReport(
      aReport({ message: 'x'.repeat(9000), outputs: many, artifacts: Array.from({ length: 100 }, () => artifact) }),
    );
    expect(new TextEncoder().encode(report?.message).length).toBeLessThanOrEqual(1024);
    expect(Object.keys(report?.outputs ?? {})).toHaveLength(20);
    expect(report?.outputs?.k0?.length).toBeLessThanOrEqual(1024);
    expect(report?.artifacts).toHaveLength(50);
  });

  it('clamps usage that is no count', () => {
    expect(readReport(aReport({ usage: { inputTokens: -5, outputTokens: 1.5, costMicroUsd: 7 } }))?.usage).toEqual({
      costMicroUsd: 7,
    });
  });
});
