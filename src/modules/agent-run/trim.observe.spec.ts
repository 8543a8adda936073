import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { aRun, CREATED } from '../../../test/support/builders/objects.js';
import type { ObjectMeta } from '../../api/meta/object.js';
import type { AgentRunStatus } from '../../api/v1alpha1/agent-run-status.types.js';
import type { AgentRun, AgentRunSpec } from '../../api/v1alpha1/agent-run.types.js';
import type { RunnerReport } from '../../domain/runner-spec.js';
import type { Observation, WorkloadRef } from '../runtime/observation.types.js';
import { anInput } from '../../../test/support/builders/run-input.js';
import { planRun } from './agent-run.plan.js';
import { runStatus } from './agent-run.status.js';
import type { RunState } from './state.types.js';
import { trimRun } from './trim.observe.js';

const NOW = new Date('2026-01-01T00:10:00Z');
const ref: WorkloadRef = { type: 'job', name: 'j', namespace: 'team-a', uid: 'job-uid' };

const present = { ref, createdAt: CREATED };
const observations: readonly Observation[] = [
  { state: 'absent' },
  { state: 'starting', ...present, progress: 'images', since: CREATED },
  { state: 'running', ...present, startedAt: CREATED },
  { state: 'running', ...present, startedAt: CREATED, endBy: CREATED },
  { state: 'stopping', ref },
  { state: 'stopping', ref, graceEnds: CREATED },
  { state: 'succeeded', ...present, startedAt: CREATED, finishedAt: CREATED },
  { state: 'failed', ...present, finishedAt: CREATED, failureClass: 'OutOfMemory', message: 'm', exitCode: 137 },
];
const states: readonly RunState[] = [
  { kind: 'starting' },
  { kind: 'running' },
  { kind: 'stopping', message: 'deadline' },
  { kind: 'succeeded', message: 'done' },
  { kind: 'failed', failureClass: 'AgentError', message: 'exit 1' },
  { kind: 'cancelled', message: 'cancelled' },
  { kind: 'invalid', reason: 'SecretNotAllowed', message: 'm' },
];
const content: Partial<AgentRunSpec> = {
  implementation: { inline: { text: 'x'.repeat(100_000) } },
  execution: { coordinates: { git: { url: 'https://git.example/app.git', ref: 'main', depth: 1 } } },
  workload: { image: 'registry.example/agent:1' },
  parameters: { script: 'x'.repeat(100_000) },
  secrets: [{ name: 'token' }],
  runtimeOverrides: { job: { nodeSelector: { disk: 'ssd' } } },
};
const decisive: Partial<AgentRunSpec> = {
  implementationRef: { name: 'login' },
  memoryRef: { name: 'notes' },
  timeoutSeconds: 60,
  retry: { limit: 1 },
  ttlSecondsAfterFinished: 60,
  priority: 1,
  cancel: true,
};

const submitted: AgentRunStatus = { submittedAt: CREATED, runtimeRef: ref };
const resolved = { image: 'i', executionSpecHash: 'sha256:1', agentGeneration: 1, providerGeneration: 1 };
const report: RunnerReport = {
  schemaVersion: 'agents.proompteng.ai/runner/v1',
  exitCode: 0,
  artifacts: [{ name: 'patch', path: 'p', sizeBytes: 1, sha256: 'a'.repeat(64) }],
  usage: { inputTokens: 1 },
  outputs: { branch: 'b' },
};

/** A run whose status is what that state makes of a submitted one, with results of every kind. */
function reached(state: RunState, spec: Partial<AgentRunSpec> = {}): AgentRun {
  const run = aRun({ ...content, ...spec }, submitted, { labels: { a: 'b' }, annotations: { c: 'd' } });
  const observation: Observation = { state: 'succeeded', ...present, finishedAt: CREATED, report };
  const verdict = state.kind === 'stopping' && { failureClass: 'Timeout' as const, message: state.message };
  return { ...run, status: runStatus(run, state, { observation, resolved, ...(verdict && { verdict }) }, NOW) };
}

const anyRun = fc
  .tuple(
    fc.constantFrom(...states),
    fc.boolean(),
    fc.constantFrom<Partial<ObjectMeta>>(
      {},
      { deletionTimestamp: CREATED, finalizers: ['example.com/keep'] },
      { deletionTimestamp: CREATED, finalizers: ['orphan'] },
    ),
  )
  .map(([state, cancel, metadata]): AgentRun => {
    const run = reached(state, { cancel });
    return { ...run, metadata: { ...run.metadata, ...metadata } };
  });

function plan(run: AgentRun, observation: Observation, confirmed: boolean) {
  const resolve = () => {
    throw new Error('nothing is resolved any more');
  };
  return planRun(anInput(run, observation, { confirmed, resolve }), NOW);
}

describe('a cached run', () => {
  it('is whole in spec and status until it is submitted', () => {
    const run = aRun(content, { phase: 'Pending', message: 'waits' });
    expect(trimRun(run)).toMatchObject({ spec: run.spec, status: run.status });
  });

  it('loses what was frozen once it is submitted, and keeps its status', () => {
    const run = reached({ kind: 'running' }, decisive);
    const { spec, status } = trimRun(run);
    expect(spec).toEqual({
      agentRef: { name: 'coder' },
      ...decisive,
      execution: { coordinates: { git: { url: 'https://git.example/app.git' } } },
    });
    expect(status).toEqual(run.status);
  });

  it('is small once it is over, whatever was in it', () => {
    const run = reached({ kind: 'failed', failureClass: 'AgentError', message: 'm'.repeat(1000) });
    expect(JSON.stringify(run).length).toBeGreaterThan(200_000);
    expect(JSON.stringify(trimRun(run)).length).toBeLessThan(1500);
    expect(trimRun(run).status).toMatchObject({
      phase: 'Failed',
      failureClass: 'AgentError',
      finishedAt: run.status?.finishedAt,
      runtimeRef: ref,
      conditions: [{ type: 'Finished', status: 'True' }],
    });
  });

  it('that is invalid without ever having been submitted is over, too', () => {
    const { status } = reached({ kind: 'invalid', reason: 'SecretNotAllowed', message: 'm' });
    const run = aRun(content, { conditions: status?.conditions ?? [] });
    expect(trimRun(run).spec).not.toHaveProperty('parameters');
  });

  it('has no labels or annotations: one of kubectl holds the whole object', () => {
    const { metadata } = trimRun(reached({ kind: 'running' }));
    expect(metadata).not.toHaveProperty('labels');
    expect(metadata).not.toHaveProperty('annotations');
  });

  it('stays as it is when it is trimmed again', () => {
    fc.assert(
      fc.property(anyRun, (run) => {
        expect(trimRun(trimRun(run))).toEqual(trimRun(run));
      }),
    );
  });
});

describe('a decision about a trimmed run', () => {
  it('is that about the whole one', () => {
    fc.assert(
      fc.property(anyRun, fc.constantFrom(...observations), fc.boolean(), (run, observation, confirmed) => {
        expect(plan(trimRun(run), observation, confirmed)).toEqual(plan(run, observation, confirmed));
      }),
    );
  });

  it('leads to the same status, and to none when the run is over', () => {
    const over = new Set(['Succeeded', 'Failed', 'Cancelled']);
    fc.assert(
      fc.property(anyRun, fc.constantFrom(...observations), (run, observation) => {
        const { state, verdict } = plan(trimRun(run), observation, true);
        const facts = { observation, ...(verdict && { verdict }) };
        if (over.has(run.status?.phase ?? '')) expect(state).toBeUndefined();
        else if (state) expect(runStatus(trimRun(run), state, facts, NOW)).toEqual(runStatus(run, state, facts, NOW));
      }),
    );
  });
});
