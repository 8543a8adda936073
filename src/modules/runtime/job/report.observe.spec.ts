import { describe, expect, it } from '@jest/globals';
import { aReport } from '../../../../test/support/builders/job.js';
import { readReport } from './report.observe.js';

const SHA = 'a'.repeat(64);

describe("the runner's report", () => {
  it('is read as the runner wrote it [AgentRun status.artifacts.key status.usage.{inputTokens,outputTokens,costMicroUsd}]', () => {
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
    ['an empty name', { name: '', path: 'p', sizeBytes: 1, sha256: SHA }],
    ['a name of 64 characters', { name: 'n'.repeat(64), path: 'p', sizeBytes: 1, sha256: SHA }],
    ['a name that no provider may give', { name: 'a b', path: 'p', sizeBytes: 1, sha256: SHA }],
    ['a path of 1025 characters', { name: 'n', path: 'p'.repeat(1025), sizeBytes: 1, sha256: SHA }],
    ['a path with half a character', { name: 'n', path: '\ud800', sizeBytes: 1, sha256: SHA }],
    ['no object', 7],
  ])('leaves an artifact out that has %s', (_name, artifact) => {
    expect(readReport(aReport({ artifacts: [artifact as never] }))?.artifacts).toEqual([]);
  });

  it.each([
    ['a name of 63 characters', { name: 'n'.repeat(63), path: 'p' }],
    ['a path of 1024 characters that are more bytes', { name: 'n', path: '🙂'.repeat(1024), key: 'é'.repeat(1024) }],
  ])('keeps an artifact that has %s', (_name, fields) => {
    const artifact = { ...fields, sizeBytes: 1, sha256: SHA };
    expect(readReport(aReport({ artifacts: [artifact] }))?.artifacts).toEqual([artifact]);
  });

  it('leaves out a key that is too long, not its artifact', () => {
    const artifact = { name: 'n', path: 'p', sizeBytes: 1, sha256: SHA };
    const report = readReport(aReport({ artifacts: [{ ...artifact, key: 'k'.repeat(1025) }] }));
    expect(report?.artifacts).toEqual([artifact]);
  });

  it('has each artifact once, the first of its name', () => {
    const artifacts = ['a', 'b', 'a'].map((name, index) => ({ name, path: `p${index}`, sizeBytes: 1, sha256: SHA }));
    expect(readReport(aReport({ artifacts }))?.artifacts).toEqual(artifacts.slice(0, 2));
  });

  it('has outputs whose names the runner lets through, and texts that are stored as they are', () => {
    const outputs = {
      branch: 'x\ud800',
      'a b': 'x',
      '': 'x',
      ['n'.repeat(64)]: 'x',
      ['__proto__']: 'x',
      n: 5 as never,
    };
    expect(readReport(aReport({ outputs, message: '\udfff' }))).toMatchObject({ message: '\ufffd' });
    expect(readReport(aReport({ outputs }))?.outputs).toEqual({ branch: 'x\ufffd' });
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
    const artifacts = Object.keys(many).map((name) => ({ name, path: 'p', sizeBytes: 1, sha256: SHA }));
    const report = readReport(aReport({ message: 'x'.repeat(9000), outputs: many, artifacts }));
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
