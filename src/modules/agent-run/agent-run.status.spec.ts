import { describe, expect, it } from '@jest/globals';
import { aRun, CREATED } from '../../../test/support/builders/objects.js';
import type { RunnerReport } from '../../domain/runner-spec.js';
import { RUNNER_SCHEMA_VERSION } from '../../domain/runner-spec.js';
import type { Observation, WorkloadRef } from '../runtime/observation.types.js';
import { runStatus } from './agent-run.status.js';
import { blockedEvent, eventsBetween } from './events.status.js';
import { latenciesBetween } from './latency.status.js';
import { afterSubmission } from './submission.status.js';

const NOW = new Date('2026-01-01T00:00:10Z');
const LATER = new Date('2026-01-01T01:00:00Z');
const ref: WorkloadRef = { type: 'job', name: 'j', namespace: 'team-a', uid: 'job-uid' };
const resolved = { image: 'i', executionSpecHash: 'sha256:x', agentGeneration: 1, providerGeneration: 1 };
const ABSENT: Observation = { state: 'absent' };
const RUNNING: Observation = { state: 'running', ref, createdAt: CREATED, startedAt: '2026-01-01T00:00:12Z' };

const report: RunnerReport = {
  schemaVersion: RUNNER_SCHEMA_VERSION,
  exitCode: 0,
  message: 'done',
  artifacts: [{ name: 'report', path: 'report.md', sizeBytes: 5, sha256: 'a'.repeat(64) }],
  usage: { inputTokens: 3 },
  outputs: { branch: 'x' },
};

const waiting = runStatus(
  aRun(),
  { kind: 'blocked', reason: 'AgentNotFound', message: 'm' },
  { observation: ABSENT },
  NOW,
);
const submitted = runStatus(aRun({}, waiting), { kind: 'starting' }, { observation: ABSENT, ref, resolved }, NOW);
const running = runStatus(aRun({}, submitted), { kind: 'running' }, { observation: RUNNING }, LATER);
const ended: Observation = {
  state: 'succeeded',
  ref,
  createdAt: CREATED,
  startedAt: '2026-01-01T00:00:12Z',
  finishedAt: '2026-01-01T00:05:00Z',
  report,
};
const succeeded = runStatus(aRun({}, running), { kind: 'succeeded', message: 'done' }, { observation: ended }, LATER);

describe('the status of a run', () => {
  it('while it waits names the reason and no workload [AgentRun status.{phase,reason,message,observedGeneration}]', () => {
    expect(waiting).toMatchObject({ phase: 'Pending', reason: 'AgentNotFound', message: 'm', observedGeneration: 1 });
    expect(waiting).not.toHaveProperty('submittedAt');
    expect(waiting).not.toHaveProperty('runtimeRef');
  });

  it('once submitted names the workload, the time and what was resolved', () => {
    expect(submitted).toMatchObject({
      phase: 'Pending',
      reason: 'Submitted',
      submittedAt: '2026-01-01T00:00:10Z',
      runtimeRef: ref,
      resolved,
    });
    expect(submitted.attempts).toEqual([{ number: 1, runtimeRef: ref, submittedAt: '2026-01-01T00:00:10Z' }]);
  });

  it('takes the start from the container and keeps every time that was written once', () => {
    expect(running).toMatchObject({
      phase: 'Running',
      submittedAt: '2026-01-01T00:00:10Z',
      startedAt: '2026-01-01T00:00:12Z',
      resolved,
    });
  });

  it('once finished has the end of the container, the artifacts and what the agent reported', () => {
    expect(succeeded).toMatchObject({
      phase: 'Succeeded',
      finishedAt: '2026-01-01T00:05:00Z',
      artifacts: report.artifacts,
      usage: report.usage,
      outputs: report.outputs,
      message: 'done',
    });
    expect(succeeded).not.toHaveProperty('failureClass');
  });

  it('keeps what was reported when the pod is gone', () => {
    const cancelled = runStatus(
      aRun({}, { ...running, artifacts: report.artifacts }),
      { kind: 'cancelled', message: 'c' },
      { observation: ABSENT },
      LATER,
    );
    expect(cancelled.artifacts).toEqual(report.artifacts);
    expect(cancelled.finishedAt).toBe('2026-01-01T01:00:00Z');
  });

  it('of a failure has the class and the exit code, for the run and the attempt', () => {
    const failed: Observation = {
      state: 'failed',
      ref,
      createdAt: CREATED,
      finishedAt: '2026-01-01T00:05:00Z',
      failureClass: 'AgentError',
      message: 'exit 3',
      exitCode: 3,
    };
    const status = runStatus(
      aRun({}, running),
      { kind: 'failed', failureClass: 'AgentError', message: 'exit 3' },
      { observation: failed },
      LATER,
    );
    expect(status).toMatchObject({ phase: 'Failed', reason: 'AgentError', failureClass: 'AgentError' });
    expect(status.attempts?.[0]).toMatchObject({ failureClass: 'AgentError', exitCode: 3, message: 'exit 3' });
  });

  it('writes a verdict down before the workload is stopped, and keeps it until the end', () => {
    const verdict = { failureClass: 'ImagePull', message: 'no image' } as const;
    const starting: Observation = { state: 'starting', ref, createdAt: CREATED, progress: 'images', since: CREATED };
    const stopping = runStatus(
      aRun({}, submitted),
      { kind: 'stopping', message: 'no image' },
      { observation: starting, verdict },
      NOW,
    );
    expect(stopping.phase).toBe('Running');
    expect(stopping).not.toHaveProperty('failureClass');
    expect(stopping.attempts?.[0]).toMatchObject(verdict);
    const still = runStatus(
      aRun({}, stopping),
      { kind: 'stopping', message: 'no image' },
      { observation: { state: 'stopping', ref } },
      LATER,
    );
    expect(still.attempts).toEqual(stopping.attempts);
  });

  it('takes the submission from a workload that a crash left behind', () => {
    const status = runStatus(
      aRun(),
      { kind: 'starting' },
      { observation: { state: 'starting', ref, createdAt: CREATED, progress: 'images', since: CREATED }, resolved },
      NOW,
    );
    expect(status).toMatchObject({ submittedAt: CREATED, runtimeRef: ref, resolved });
  });

  it('bounds messages in bytes', () => {
    const status = runStatus(
      aRun(),
      { kind: 'blocked', reason: 'AgentNotFound', message: '🙂'.repeat(1000) },
      { observation: ABSENT },
      NOW,
    );
    for (const text of [status.message, status.conditions?.find(({ type }) => type === 'Blocked')?.message]) {
      expect(new TextEncoder().encode(text).length).toBeLessThanOrEqual(1024);
    }
  });
});

describe('a run that waits for a slot', () => {
  const queued = runStatus(
    aRun(),
    { kind: 'queued', reason: 'Queued', message: 'no slot' },
    { observation: ABSENT },
    NOW,
  );

  it('says since when, also once it was submitted', () => {
    expect(queued).toMatchObject({ phase: 'Pending', reason: 'Queued', queuedAt: '2026-01-01T00:00:10Z' });
    const later = runStatus(aRun({}, queued), { kind: 'starting' }, { observation: ABSENT, ref, resolved }, LATER);
    expect(later).toMatchObject({ queuedAt: '2026-01-01T00:00:10Z', submittedAt: '2026-01-01T01:00:00Z' });
    expect(waiting).not.toHaveProperty('queuedAt');
  });
});

describe('what a submission leaves a run in', () => {
  it.each([
    ['submitted', { kind: 'submitted', ref } as const, { state: { kind: 'starting' }, ref }],
    [
      'a quota',
      { kind: 'refused', reason: 'QuotaExceeded', message: 'm' } as const,
      { state: { kind: 'blocked', reason: 'QuotaExceeded', message: 'm' }, requeueAfterMs: 60_000 },
    ],
    [
      'a missing right',
      { kind: 'refused', reason: 'Forbidden', message: 'm' } as const,
      { state: { kind: 'blocked', reason: 'Forbidden', message: 'm' }, requeueAfterMs: 60_000 },
    ],
    [
      'a workload that the API server rejects',
      { kind: 'rejected', message: 'm' } as const,
      { state: { kind: 'invalid', reason: 'WorkloadRejected', message: 'm' } },
    ],
    [
      'a name that is taken',
      { kind: 'nameConflict', message: 'm' } as const,
      { state: { kind: 'failed', failureClass: 'NameConflict', message: 'm' } },
    ],
  ])('%s', (_name, submission, expected) => {
    expect(afterSubmission(submission)).toEqual(expected);
  });

  it.each([
    ['submitted', { kind: 'submitted', ref } as const, { state: { kind: 'starting', again: true }, ref }],
    [
      'a quota',
      { kind: 'refused', reason: 'QuotaExceeded', message: 'm' } as const,
      { state: { kind: 'retrying', blocked: { reason: 'QuotaExceeded', message: 'm' } }, requeueAfterMs: 60_000 },
    ],
    [
      'a workload that the API server rejects',
      { kind: 'rejected', message: 'm' } as const,
      { state: { kind: 'failed', failureClass: 'RuntimeError', message: 'm' } },
    ],
  ])('of a further attempt: %s', (_name, submission, expected) => {
    const last = { number: 1, failureClass: 'Evicted', message: 'disk' } as const;
    expect(afterSubmission(submission, undefined, last)).toMatchObject(expected);
  });

  it.each([
    ['a time', 'denied at 2026-11-23T17:15:01Z', 'denied at 2026-11-23T17:15:02Z'],
    ['a count', 'denied: 9 of 8 pods', 'denied: 10 of 8 pods'],
    ['an identifier', 'denied (request a1b2c3d4-e5f6)', 'denied (request 0f1e2d3c-aaa7)'],
  ])(
    'refused in words that differ in %s alone is refused as it was written, so that it does not wake itself',
    (...row) => {
      const [, written, message] = row;
      const refusal = { kind: 'refused', reason: 'Forbidden' } as const;
      expect(afterSubmission({ ...refusal, message }, written).state).toMatchObject({ message: written });
      expect(afterSubmission({ ...refusal, message: 'other words 1' }, written).state).toMatchObject({
        message: 'other words 1',
      });
    },
  );

  it('refused by another quota says so', () => {
    const submission = { kind: 'refused', reason: 'QuotaExceeded', message: 'ResourceQuota "q2"' } as const;
    expect(afterSubmission(submission, 'ResourceQuota "q1"').state).toMatchObject({ message: 'ResourceQuota "q2"' });
  });
});

describe('events', () => {
  const invalid = runStatus(
    aRun(),
    { kind: 'invalid', reason: 'SecretNotAllowed', message: 'spec.secrets[0]' },
    { observation: ABSENT },
    NOW,
  );

  it.each([
    ['waiting', undefined, waiting, []],
    ['submitting', waiting, submitted, ['Normal Submitted submitted as job j']],
    ['starting', submitted, running, ['Normal Started the agent started']],
    ['succeeding', running, succeeded, ['Normal Succeeded done']],
    ['nothing new', running, running, []],
    ['being found invalid', undefined, invalid, ['Warning Failed SecretNotAllowed: spec.secrets[0]']],
    [
      'a run so short that one pass saw all of it',
      waiting,
      succeeded,
      ['Normal Submitted submitted as job j', 'Normal Started the agent started', 'Normal Succeeded done'],
    ],
  ])('of %s', (_name, previous, next, expected) => {
    expect(eventsBetween(previous, next).map(({ type, reason, note }) => `${type} ${reason} ${note}`)).toEqual(
      expected,
    );
  });

  it('of a run that stays Blocked say why', () => {
    expect(blockedEvent(waiting)).toMatchObject({ type: 'Warning', reason: 'Blocked', note: 'AgentNotFound: m' });
  });
});

describe('latencies', () => {
  it.each([
    [
      'of a submission',
      waiting,
      submitted,
      [
        { stage: 'submit', seconds: 10 },
        { stage: 'queue', seconds: 0 },
      ],
    ],
    [
      'of a wait for a slot, which is a part of the submission',
      waiting,
      { ...submitted, queuedAt: '2026-01-01T00:00:06Z' },
      [
        { stage: 'submit', seconds: 10 },
        { stage: 'queue', seconds: 4 },
      ],
    ],
    ['of a start', submitted, running, [{ stage: 'start', seconds: 2 }]],
    ['of a run', running, succeeded, [{ stage: 'run', seconds: 288 }]],
    ['are counted once', succeeded, succeeded, []],
    ['of a run that never started have no stage', waiting, { ...waiting, finishedAt: '2026-01-01T00:01:00Z' }, []],
    [
      'are never negative when two clocks disagree',
      submitted,
      { ...submitted, startedAt: '2026-01-01T00:00:09Z' },
      [{ stage: 'start', seconds: 0 }],
    ],
  ])('%s', (_name, previous, next, expected) => {
    expect(latenciesBetween(aRun({}, previous), next)).toEqual(expected);
  });
});
