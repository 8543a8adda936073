import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { aReport } from '../../../../test/support/builders/job.js';
import { readReport } from './report.observe.js';

const SHA = 'a'.repeat(64);

describe("the runner's report", () => {
  it('is read as the runner wrote it [AgentRun status.usage.{inputTokens,outputTokens,costMicroUsd}]', () => {
    const report = {
      message: 'done',
      artifacts: [{ name: 'report', path: 'report.md', sizeBytes: 5, sha256: SHA }],
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
    ['a path of 1024 characters that are more bytes', { name: 'n', path: '🙂'.repeat(1024) }],
    ['the name of one of several files', { name: 'reports/unit tests/ü.xml', path: 'out/unit tests/ü.xml' }],
  ])('keeps an artifact that has %s', (_name, fields) => {
    const artifact = { ...fields, sizeBytes: 1, sha256: SHA };
    expect(readReport(aReport({ artifacts: [artifact] }))?.artifacts).toEqual([artifact]);
  });

  it.each([
    ['a name that climbs', { name: 'reports/../../x', path: 'p' }],
    ['a name with a control character', { name: 'reports/\u001b[2J', path: 'p' }],
  ])('leaves an artifact out that has %s', (_name, fields) => {
    expect(readReport(aReport({ artifacts: [{ ...fields, sizeBytes: 1, sha256: SHA }] }))?.artifacts).toEqual([]);
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

describe('whatever an agent writes in its place', () => {
  const fields = ['failure', 'failureClass', 'message', 'exitCode', 'artifacts', 'usage', 'outputs', 'truncated'];
  const values = ['name', 'path', 'key', 'url', 'sizeBytes', 'sha256', 'stored', 'inputTokens', 'costMicroUsd', 'k'];
  const scalar = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('a', 'x'.repeat(5000), SHA),
    fc.double(),
    fc.boolean(),
  );
  const object = fc.dictionary(fc.constantFrom(...values), scalar, { maxKeys: 8 });
  const report = fc.dictionary(
    fc.constantFrom(...fields),
    fc.oneof(scalar, object, fc.array(object, { maxLength: 60 })),
  );

  it('what is read of it fits the status, and no number is anything but a count', () => {
    fc.assert(
      fc.property(report, (forged) => {
        const read = readReport(aReport(forged), { keyPrefix: 'uid/1/', urlPrefix: 'https://s3/b/uid/1/' });
        const { artifacts = [], outputs = {}, usage = {}, message = '', exitCode } = read ?? {};
        const names = artifacts.map(({ name }) => name);
        expect(new Set(names).size).toBe(names.length);
        expect(names.length).toBeLessThanOrEqual(50);
        for (const { sizeBytes, sha256, key = 'uid/1/', url = 'https://s3/b/uid/1/', ...rest } of artifacts) {
          expect(Object.keys(rest).toSorted()).toEqual(['name', 'path']);
          expect([Number.isSafeInteger(sizeBytes), sha256.length, key.slice(0, 6), url.slice(0, 19)]).toEqual([
            true,
            64,
            'uid/1/',
            'https://s3/b/uid/1/',
          ]);
        }
        for (const text of [message, ...Object.values(outputs)]) {
          expect(text.isWellFormed() && Buffer.byteLength(text) <= 1024).toBe(true);
        }
        for (const count of [exitCode, ...Object.values(usage)])
          expect(Number.isSafeInteger(count) && Number(count) >= 0).toBe(true);
      }),
    );
  });
});

describe('a stored artifact', () => {
  const store = { keyPrefix: 'runs/uid/1/', urlPrefix: 'https://s3.example.com/b/runs/uid/1/' };
  const placesOf = (...artifacts: object[]): unknown =>
    readReport(
      aReport({ artifacts: artifacts.map((fields) => ({ path: 'p', sizeBytes: 1, sha256: SHA, ...fields })) as never }),
      store,
    )?.artifacts.map(({ key, url }) => ({ key, url }));

  it('has the key and the URL that the control plane knows it under [AgentRun status.artifacts.{key,url}]', () => {
    expect(placesOf({ name: 'patch', stored: true }, { name: 'doc', key: 'docs/a b.md', stored: true })).toEqual([
      { key: 'runs/uid/1/patch', url: 'https://s3.example.com/b/runs/uid/1/patch' },
      { key: 'runs/uid/1/docs/a b.md', url: 'https://s3.example.com/b/runs/uid/1/docs/a%20b.md' },
    ]);
  });

  it.each([
    ['is only collected', { name: 'n', key: 'k' }],
    ['names a place of its own', { name: 'n', url: 'https://evil.example' }],
    ['says so in another type', { name: 'n', stored: 'true' }],
    ['climbs out of its attempt', { name: 'n', key: '../2/x', stored: true }],
    ['has a key that is longer than a status takes', { name: 'n', key: 'k'.repeat(1020), stored: true }],
  ])('has neither when it %s', (_name, fields) => {
    expect(placesOf(fields)).toEqual([{ key: undefined, url: undefined }]);
  });

  it('has neither when the run has no store, whatever the report says', () => {
    const artifact = { name: 'n', path: 'p', sizeBytes: 1, sha256: SHA };
    const report = aReport({ artifacts: [{ ...artifact, key: 'k', stored: true }] });
    expect(readReport(report)?.artifacts).toEqual([artifact]);
  });
});
