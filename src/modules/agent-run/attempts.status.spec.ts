import { describe, expect, it } from '@jest/globals';
import { aRun, CREATED } from '../../../test/support/builders/objects.js';
import { ABSENT, ref } from '../../../test/support/builders/observations.js';
import { type RunnerReport, RUNNER_SCHEMA_VERSION } from '../../domain/runner-spec.js';
import type { Observation, WorkloadRef } from '../runtime/observation.types.js';
import { runStatus } from './agent-run.status.js';
import { eventsBetween } from './events.status.js';
import { latenciesBetween } from './latency.status.js';

const NOW = new Date('2026-01-01T00:00:10Z');
const LATER = new Date('2026-01-01T01:00:00Z');
const present = { ref, createdAt: CREATED, startedAt: '2026-01-01T00:00:12Z' };
const resolved = { image: 'i', executionSpecHash: 'sha256:x', agentGeneration: 1, providerGeneration: 1 };
const report: RunnerReport = {
  schemaVersion: RUNNER_SCHEMA_VERSION,
  exitCode: 0,
  artifacts: [{ name: 'report', path: 'report.md', sizeBytes: 5, sha256: 'a'.repeat(64) }],
  outputs: { branch: 'x' },
};
const ended = { ...present, finishedAt: '2026-01-01T00:05:00Z', report };
const submitted = runStatus(aRun(), { kind: 'starting' }, { observation: ABSENT, ref, resolved }, NOW);
const running = runStatus(
  aRun({}, submitted),
  { kind: 'running' },
  { observation: { state: 'running', ...present } },
  LATER,
);

describe('the status of a run that is repeated', () => {
  const failure = { failureClass: 'Evicted', message: 'disk' } as const;
  const failed: Observation = { ...ended, state: 'failed', exitCode: 137, ...failure };
  const retrying = runStatus(
    aRun({}, running),
    { kind: 'retrying', message: 'again', failure },
    { observation: failed },
    LATER,
  );
  const second: WorkloadRef = { ...ref, name: 'j-2', uid: 'job-uid-2' };
  const again = runStatus(
    aRun({}, retrying),
    { kind: 'starting', again: true },
    { observation: ABSENT, ref: second, resolved },
    LATER,
  );

  it('has the attempt that ended written down, and is not over', () => {
    expect(retrying).toMatchObject({
      phase: 'Running',
      reason: 'Retrying',
      message: 'again',
      startedAt: running.startedAt,
    });
    expect(retrying).not.toHaveProperty('finishedAt');
    expect(retrying.attempts).toEqual([
      { ...running.attempts?.[0], finishedAt: '2026-01-01T00:05:00Z', exitCode: 137, ...failure },
    ]);
  });

  it('says why the next attempt is not made', () => {
    const blocked = { reason: 'Queued', message: 'no slot' } as const;
    const status = runStatus(
      aRun({}, retrying),
      { kind: 'retrying', message: 'again', blocked },
      { observation: ABSENT },
      LATER,
    );
    expect(status).toMatchObject({ phase: 'Running', reason: 'Queued', message: 'no slot' });
    expect(status.attempts).toEqual(retrying.attempts);
  });

  it('names the workload of the current attempt, and the times of the first', () => {
    expect(again).toMatchObject({
      runtimeRef: second,
      submittedAt: running.submittedAt,
      startedAt: running.startedAt,
      attempts: [retrying.attempts?.[0], { number: 2, runtimeRef: second, submittedAt: '2026-01-01T01:00:00Z' }],
    });
  });

  it('keeps what an attempt made until a later one reports something', () => {
    expect(again.artifacts).toEqual(report.artifacts);
    const other: Observation = {
      ...ended,
      state: 'succeeded',
      report: { ...report, artifacts: [], outputs: { branch: 'y' } },
    };
    const status = runStatus(aRun({}, again), { kind: 'succeeded', message: 'done' }, { observation: other }, LATER);
    expect(status).toMatchObject({ phase: 'Succeeded', outputs: { branch: 'y' } });
    expect(status).not.toHaveProperty('artifacts');
    expect(status).not.toHaveProperty('failureClass');
  });

  it('has events and latencies of each attempt', () => {
    const notes = (previous: typeof again, next: typeof again) =>
      eventsBetween(previous, next).map(({ type, reason, note }) => `${type} ${reason} ${note}`);
    expect(notes(running, retrying)).toEqual(['Warning Retrying attempt 1 failed and is repeated: Evicted: disk']);
    expect(notes(retrying, again)).toEqual(['Normal Submitted submitted as job j-2']);
    expect(latenciesBetween(aRun({}, retrying), again)).toEqual([]);
  });
});
