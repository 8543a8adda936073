import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { anExecution } from '../../../test/support/builders/execution.js';
import { aRun, CREATED } from '../../../test/support/builders/objects.js';
import {
  ABSENT,
  FAILED,
  ref,
  RUNNING,
  STARTING,
  STOPPING,
  SUCCEEDED,
} from '../../../test/support/builders/observations.js';
import { anInput } from '../../../test/support/builders/run-input.js';
import { checkStatusInvariants } from '../../../test/support/status-invariants.js';
import type { AgentRunStatus } from '../../api/v1alpha1/agent-run-status.types.js';
import type { AgentRun } from '../../api/v1alpha1/agent-run.types.js';
import type { Observation } from '../runtime/observation.types.js';
import { type Decision, isFinished, planRun } from './agent-run.plan.js';
import { runStatus } from './agent-run.status.js';
import { attemptNow } from './attempts.plan.js';
import type { Admitted, Resolution } from './state.types.js';
import { trimRun } from './trim.observe.js';

const NOW = new Date('2026-01-01T00:10:00Z');
const LATER = new Date('2026-01-02T00:00:00Z');
const ready: Resolution = { kind: 'ready', execution: anExecution() };
const queued: Admitted = { kind: 'queued', reason: 'Queued', message: 'no slot is free' };
const EVICTED: Observation = { ...FAILED, failureClass: 'Evicted', message: 'disk' };

const OBSERVATIONS: readonly Observation[] = [
  ABSENT,
  STARTING,
  { ...STARTING, startBy: CREATED },
  { ...STARTING, startBy: CREATED, progress: 'over' },
  RUNNING,
  { ...RUNNING, endBy: CREATED },
  STOPPING,
  { ...STOPPING, graceEnds: CREATED },
  { ...STOPPING, disrupted: { failureClass: 'Evicted', message: 'preempted' } },
  SUCCEEDED,
  FAILED,
  EVICTED,
];

const resolved = {
  image: 'i',
  executionSpecHash: 'h',
  agentGeneration: 1,
  providerGeneration: 1,
  retryLimit: 1,
  retryBackoffSeconds: 10,
  retryOn: [],
  ttlSecondsAfterFinished: 60,
};
const EMPTY: Pick<AgentRunStatus, 'phase'> = { phase: 'Pending' };

/** A run as passes leave it that see these observations of its attempts, one after the other. */
function reached(seen: readonly Observation[], cancel = false): AgentRun {
  return seen.reduce<AgentRun>(
    (run, observation) => next(run, observation).run,
    aRun({ cancel }, { ...EMPTY, resolved }),
  );
}

interface Facts {
  resolution?: Resolution;
  admitted?: Admitted;
  earlier?: Observation;
  now?: Date;
}

/** Before the first attempt there is none. */
function earlierOf(run: AgentRun, { earlier = ABSENT }: Facts): Observation {
  return attemptNow(run) > 1 ? earlier : ABSENT;
}

/** One pass that reads everything live, and the run with the status that it writes. */
function next(run: AgentRun, observation: Observation, facts: Facts = {}): { run: AgentRun; decision: Decision } {
  const { resolution = ready, admitted = { kind: 'granted' }, now = NOW } = facts;
  const earlier = earlierOf(run, facts);
  const decision = planRun(
    anInput(run, observation, { earlier, resolve: () => resolution, admit: () => admitted }),
    now,
  );
  const { state, verdict } = decision;
  if (!state) return { run, decision };
  const status = runStatus(run, state, { observation, ...(verdict && { verdict }) }, now);
  return { run: { ...run, status }, decision };
}

const anyObservation = fc.constantFrom(...OBSERVATIONS);
const anyRun = fc
  .tuple(fc.array(anyObservation, { maxLength: 5 }), fc.boolean())
  .map(([seen, cancel]) => reached(seen, cancel));
const facts = fc.record({
  resolution: fc.constantFrom<Resolution>(
    ready,
    { kind: 'blocked', reason: 'AgentNotFound', message: 'm' },
    { kind: 'invalid', reason: 'SecretNotAllowed', message: 'm' },
  ),
  admitted: fc.constantFrom<Admitted>({ kind: 'granted' }, queued),
  earlier: anyObservation,
  now: fc.constantFrom(NOW, LATER),
});

describe('for any run and whatever is observed', () => {
  it('nothing terminal changes, and every status keeps the invariants', () => {
    fc.assert(
      fc.property(anyRun, fc.array(fc.tuple(anyObservation, facts), { maxLength: 6 }), (start, steps) => {
        let run = start;
        for (const [observation, more] of steps) {
          const after = next(run, observation, more).run;
          checkStatusInvariants(after, { previous: run });
          run = after;
        }
      }),
    );
  });

  it('a second pass over the same facts writes nothing, whenever it comes', () => {
    fc.assert(
      fc.property(anyRun, anyObservation, facts, (start, observation, more) => {
        const { run } = next(start, observation, more);
        // The observation of an attempt that has ended in the first pass is that of the earlier one in the second.
        const ended = attemptNow(run) !== attemptNow(start);
        const same = ended ? { ...more, earlier: observation } : more;
        const again = next(run, ended ? ABSENT : observation, same);
        const { status } = again.run;
        // A queued run that is due says so only once it asks for a slot.
        if (!ended) expect(status).toEqual(run.status);
        expect(next(again.run, ended ? ABSENT : observation, same).run.status).toEqual(status);
      }),
    );
  });

  it('a workload is made only where none of the run is known, and never of one that is cancelled or over', () => {
    fc.assert(
      fc.property(anyRun, anyObservation, facts, (run, observation, more) => {
        const { action } = next(run, observation, more).decision;
        if (action?.kind !== 'submit' && action?.kind !== 'retry') return;
        expect(observation).toEqual(ABSENT);
        expect(['absent', 'succeeded', 'failed']).toContain(earlierOf(run, more).state);
        expect([run.spec.cancel, isFinished(run), more.admitted.kind]).toEqual([false, false, 'granted']);
        expect(action.kind === 'retry').toBe(run.status?.submittedAt !== undefined);
      }),
    );
  });

  it('a run with a workload that ends comes to its own end within its attempts', () => {
    fc.assert(
      fc.property(anyRun, fc.constantFrom(SUCCEEDED, FAILED, EVICTED), (start, end) => {
        let run = start;
        for (let pass = 0; pass < 4 && !isFinished(run); pass += 1) run = next(run, end, { now: LATER }).run;
        expect(isFinished(run)).toBe(true);
        expect(run.status?.attempts?.length ?? 0).toBeLessThanOrEqual(resolved.retryLimit + 1);
      }),
    );
  });

  it('the copy in a cache leads to the same decision as the whole run', () => {
    fc.assert(
      fc.property(anyRun, anyObservation, facts, (run, observation, more) => {
        expect(next(trimRun(run), observation, more).decision).toEqual(next(run, observation, more).decision);
      }),
    );
  });
});

it('the runs above are of every kind', () => {
  const phases = [
    [],
    [STARTING],
    [RUNNING],
    [SUCCEEDED],
    [FAILED],
    [EVICTED],
    [EVICTED, RUNNING],
    [EVICTED, EVICTED],
    [EVICTED, SUCCEEDED],
  ].map((seen) => reached(seen).status);
  expect(phases.map((status) => `${status?.phase} ${status?.attempts?.length ?? 0}`)).toEqual([
    'Pending 0',
    'Pending 1',
    'Running 1',
    'Succeeded 1',
    'Failed 1',
    'Running 1',
    'Running 2',
    'Failed 2',
    'Succeeded 2',
  ]);
  expect(reached([EVICTED]).status?.runtimeRef).toEqual(ref);
});
