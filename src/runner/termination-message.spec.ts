import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RUNNER_SCHEMA_VERSION, type RunnerReport } from '../domain/runner-spec.js';
import { MAX_TERMINATION_BYTES, terminationMessage } from './termination-message.js';

const text = (maxLength: number): fc.Arbitrary<string> =>
  fc.oneof(
    fc.string({ maxLength }),
    fc.string({ unit: 'binary', maxLength }),
    fc.string({ unit: fc.constantFrom('\u0000', '"', '\\', '🦀', '\ud800', 'é'), maxLength }),
  );

const reports: fc.Arbitrary<RunnerReport> = fc.record(
  {
    schemaVersion: fc.constant(RUNNER_SCHEMA_VERSION),
    exitCode: fc.nat(255),
    failure: fc.constantFrom('Timeout', 'ArtifactMissing', 'RunnerError'),
    failureClass: text(5000),
    message: text(10_000),
    artifacts: fc.array(
      fc.record({
        name: text(300),
        path: text(2000),
        sizeBytes: fc.nat(),
        sha256: fc.string({ unit: fc.constant('f'), minLength: 64, maxLength: 64 }),
      }),
      { maxLength: 50 },
    ),
    usage: fc.record({ inputTokens: fc.double(), outputTokens: fc.double(), costMicroUsd: fc.double() }),
    outputs: fc.dictionary(text(100), text(600), { maxKeys: 20 }),
  },
  { requiredKeys: ['schemaVersion', 'exitCode', 'artifacts'] },
);

const base: RunnerReport = { schemaVersion: RUNNER_SCHEMA_VERSION, exitCode: 0, artifacts: [] };
const artifact = (name: string): RunnerReport['artifacts'][number] => ({
  name,
  path: `out/${name}`,
  sizeBytes: 1,
  sha256: 'f'.repeat(64),
});
const parse = (message: string): RunnerReport => JSON.parse(message) as RunnerReport;

describe('terminationMessage', () => {
  it('is JSON of at most 4,096 bytes with the exit code and the failure, whatever the report holds', () => {
    fc.assert(
      fc.property(reports, (report) => {
        const message = terminationMessage(report);
        expect(Buffer.byteLength(message)).toBeLessThanOrEqual(MAX_TERMINATION_BYTES);
        expect(parse(message).exitCode).toBe(report.exitCode);
        expect(parse(message).failure).toBe(report.failure);
      }),
      { numRuns: 150 },
    );
  });

  it('keeps a report that fits as it is', () => {
    const report: RunnerReport = { ...base, message: 'm', artifacts: [artifact('a')], outputs: { k: 'v' } };
    expect(parse(terminationMessage(report))).toEqual(report);
  });

  it('cuts a long message first', () => {
    const report: RunnerReport = {
      ...base,
      message: 'x'.repeat(5000),
      artifacts: [artifact('a')],
      outputs: { k: 'v' },
    };
    const cut = parse(terminationMessage(report));
    expect(cut).toEqual({ ...report, message: `${'x'.repeat(1021)}…`, truncated: true });
  });

  it('drops outputs before artifacts, both from the last', () => {
    const outputs = Object.fromEntries(['a', 'b', 'c', 'd'].map((key) => [key, key.repeat(1100)]));
    const report: RunnerReport = { ...base, artifacts: ['r', 's'].map(artifact), outputs };
    const cut = parse(terminationMessage(report));
    expect(Object.keys(cut.outputs ?? {})).toEqual(['a', 'b', 'c']);
    expect(cut.artifacts).toHaveLength(2);
  });

  it('keeps as many artifacts as fit', () => {
    const names = Array.from({ length: 60 }, (_, index) => `artifact-${index}`);
    const cut = parse(terminationMessage({ ...base, artifacts: names.map(artifact) }));
    expect(cut.artifacts.map(({ name }) => name)).toEqual(names.slice(0, cut.artifacts.length));
    expect(cut.artifacts.length).toBeGreaterThan(20);
  });

  it('counts bytes: a message of control characters takes six times its length', () => {
    const cut = parse(terminationMessage({ ...base, message: '\u0001'.repeat(4000) }));
    expect(cut.message?.startsWith('\u0001'.repeat(500))).toBe(true);
  });
});
