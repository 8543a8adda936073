import type { AgentRun } from '../../src/api/v1alpha1/agent-run.types.js';

/** The types of an AgentRun's conditions, in the order of the table below. */
const TYPES = [
  'Accepted',
  'InvalidSpec',
  'Blocked',
  'InProgress',
  'Succeeded',
  'Failed',
  'Ready',
  'Finished',
  'Stalled',
];

/**
 * The condition table of docs/spec/v1alpha1/agentrun.md, written down again: phase, then the status of each type (T, F, U, or
 * - for absent). `InProgress=True` tells rows apart by its reason.
 */
const TABLE: Readonly<Record<string, string>> = {
  'Pending UFTFUFFF-': 'blocked',
  'Pending TFTFUFFF-': 'queued',
  'Pending TFFTUFFF- Submitted': 'submitted',
  'Pending TFTTUFFF- Submitted': 'waiting',
  'Running TFFTUFFF- Running': 'running',
  'Running TFFTUFFF- Stopping': 'stopping',
  'Running TFFTUFFF- Retrying': 'retrying',
  'Running TFTTUFFF- Retrying': 'retry blocked',
  'Running TFTTUFFF- Running': 'unreachable',
  'Succeeded TFFFTFTT-': 'succeeded',
  'Failed TFFFFTFTT': 'failed',
  'Failed FTFFFTFTT': 'invalid',
  'Cancelled TFFFFFFTT': 'cancelled',
  'Cancelled UFFFFFFTT': 'cancelled',
};

/** Which row of the condition table a run's status is, or the status itself when it is none. */
export function stateOf({ status = {} }: AgentRun): string {
  const { phase = '', conditions = [] } = status;
  const cells = TYPES.map((type) => conditions.find((condition) => condition.type === type)?.status[0] ?? '-');
  const inProgress = conditions.find(({ type }) => type === 'InProgress');
  const reason = inProgress?.status === 'True' ? ` ${inProgress.reason}` : '';
  const row = `${phase} ${cells.join('')}${reason}`;
  return TABLE[row] ?? row;
}

/** The states that a run went through, each as often as it was entered. */
export function statesOf(versions: readonly AgentRun[]): string[] {
  const states = versions.filter(({ status }) => status !== undefined).map(stateOf);
  return states.filter((state, index) => state !== states[index - 1]);
}
