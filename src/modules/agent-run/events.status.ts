import { boundText } from '../../api/meta/text.js';
import type { AgentRunStatus, RunAttempt } from '../../api/v1alpha1/agent-run-status.types.js';

/** An event about a run (events.k8s.io/v1): `reason` is what happened, `action` what was being done. */
export interface RunEvent {
  type: 'Normal' | 'Warning';
  reason: string;
  action: string;
  note: string;
}

/** What happened between two statuses; recorded once the later one is written. */
export function eventsBetween(previous: AgentRunStatus | undefined, next: AgentRunStatus): RunEvent[] {
  const events = (next.attempts ?? []).flatMap((attempt) => eventsOf(attempt, previous, next));
  if (!previous?.finishedAt && next.finishedAt) events.push(finished(next));
  return events;
}

function eventsOf(attempt: RunAttempt, previous: AgentRunStatus | undefined, next: AgentRunStatus): RunEvent[] {
  const before = previous?.attempts?.find(({ number }) => number === attempt.number);
  const events: RunEvent[] = [];
  if (!before) {
    const { type = '', name = '' } = attempt.runtimeRef ?? {};
    events.push({ type: 'Normal', reason: 'Submitted', action: 'Submit', note: `submitted as ${type} ${name}` });
  }
  if (!before?.startedAt && attempt.startedAt) {
    events.push({ type: 'Normal', reason: 'Started', action: 'Run', note: 'the agent started' });
  }
  if (!before?.finishedAt && attempt.finishedAt && !next.finishedAt) {
    const { number, failureClass = '', message = '' } = attempt;
    const note = boundText(`attempt ${number} failed and is repeated: ${failureClass}: ${message}`);
    events.push({ type: 'Warning', reason: 'Retrying', action: 'Retry', note });
  }
  return events;
}

/** The event of a run that has been Blocked for a while. */
export function blockedEvent({ reason = '', message = '' }: AgentRunStatus): RunEvent {
  return { type: 'Warning', reason: 'Blocked', action: 'Wait', note: boundText(`${reason}: ${message}`) };
}

function finished({ phase = 'Failed', reason = '', message = '' }: AgentRunStatus): RunEvent {
  const failed = phase === 'Failed';
  return {
    type: failed ? 'Warning' : 'Normal',
    reason: phase,
    action: 'Finish',
    note: boundText(failed ? `${reason}: ${message}` : message),
  };
}
