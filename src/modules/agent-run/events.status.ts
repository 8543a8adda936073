import { boundText } from '../../api/meta/text.js';
import type { AgentRunStatus } from '../../api/v1alpha1/agent-run-status.types.js';

/** An event about a run (events.k8s.io/v1): `reason` is what happened, `action` what was being done. */
export interface RunEvent {
  type: 'Normal' | 'Warning';
  reason: string;
  action: string;
  note: string;
}

/** What happened between two statuses; recorded once the later one is written. */
export function eventsBetween(previous: AgentRunStatus | undefined, next: AgentRunStatus): RunEvent[] {
  const events: RunEvent[] = [];
  if (!previous?.submittedAt && next.submittedAt) {
    const { type = '', name = '' } = next.runtimeRef ?? {};
    events.push({ type: 'Normal', reason: 'Submitted', action: 'Submit', note: `submitted as ${type} ${name}` });
  }
  if (!previous?.startedAt && next.startedAt) {
    events.push({ type: 'Normal', reason: 'Started', action: 'Run', note: 'the agent started' });
  }
  if (!previous?.finishedAt && next.finishedAt) events.push(finished(next));
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
