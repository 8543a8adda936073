import { isDeepStrictEqual } from 'node:util';
import { MAX_MESSAGE_BYTES } from '../../src/api/meta/text.js';
import type { Condition } from '../../src/api/meta/condition.js';
import type { KubernetesObject } from '../../src/api/meta/object.js';

/** One entry of `status.attempts`. */
interface CheckedAttempt {
  number: number;
  runtimeRef?: object;
  submittedAt?: string;
  startedAt?: string;
  finishedAt?: string;
  failureClass?: string;
  message?: string;
}

/** The parts of a status that the invariants speak of; of other kinds than AgentRun only the first three. */
export interface CheckedStatus {
  observedGeneration?: number;
  conditions?: readonly Condition[];
  message?: string;
  phase?: string;
  reason?: string;
  submittedAt?: string;
  startedAt?: string;
  finishedAt?: string;
  runtimeRef?: object;
  attempts?: readonly CheckedAttempt[];
}

export type CheckedObject = KubernetesObject & { status?: CheckedStatus };

export interface InvariantContext {
  /** The same object before the pass. */
  previous?: CheckedObject;
  /** Values that must appear nowhere in a status. */
  secrets?: readonly string[];
}

interface Checked {
  object: CheckedObject;
  status: CheckedStatus;
  conditions: readonly Condition[];
  before: CheckedStatus | undefined;
  secrets: readonly string[];
}

const REASON = /^[A-Z][A-Za-z0-9]*$/;
/** Written once: a later pass that sees less must not take them back. */
const FINAL_FIELDS = ['submittedAt', 'startedAt', 'finishedAt'] as const;

const ALWAYS: ((checked: Checked) => string | undefined)[] = [
  function generationIsNotAheadOfTheSpec({ object, status, conditions }) {
    const generation = object.metadata.generation ?? 0;
    const observed = [status, ...conditions].map(({ observedGeneration }) => observedGeneration ?? 0);
    return observed.some((seen) => seen > generation) ? `1: observedGeneration is ahead of ${generation}` : undefined;
  },
  function reasonsAreWords({ status, conditions }) {
    const reasons = [...conditions, ...(status.reason === undefined ? [] : [status])].map(({ reason }) => reason ?? '');
    const wrong = reasons.filter((reason) => !REASON.test(reason));
    return wrong.length > 0 ? `4: reasons are not CamelCase: ${JSON.stringify(wrong)}` : undefined;
  },
  function messagesAreBounded({ status, conditions }) {
    const messages = [status, ...conditions, ...(status.attempts ?? [])].map(({ message }) => message ?? '');
    const long = messages.filter((message) => Buffer.byteLength(message) > MAX_MESSAGE_BYTES);
    return long.length > 0 ? `8: ${long.length} messages are over ${MAX_MESSAGE_BYTES} bytes` : undefined;
  },
  function noSecretIsShown({ status, secrets }) {
    const text = JSON.stringify(status);
    const shown = secrets.filter((secret) => text.includes(JSON.stringify(secret).slice(1, -1)));
    return shown.length > 0 ? `9: ${shown.length} secret values are in the status` : undefined;
  },
  function conditionsAreNamedOnce({ conditions }) {
    const types = conditions.map(({ type }) => type);
    return new Set(types).size < types.length ? `10: a condition is there twice: ${types.join(', ')}` : undefined;
  },
  function transitionTimesMoveWithTheStatus({ conditions, before }) {
    const wrong = (before?.conditions ?? []).filter((old) =>
      conditions.some(
        (now) =>
          now.type === old.type && now.status === old.status && now.lastTransitionTime !== old.lastTransitionTime,
      ),
    );
    return wrong.length > 0 ? `11: lastTransitionTime moved alone: ${wrong.map(({ type }) => type).join()}` : undefined;
  },
];

const OF_RUNS: ((checked: Checked) => string | undefined)[] = [
  function terminalNeverFlips({ status, conditions, before }) {
    if (before === undefined || !isFinished(before.conditions ?? [])) return undefined;
    const same = isFinished(conditions) && status.phase === before.phase;
    return same ? undefined : `2: ${before.phase} was terminal and became ${status.phase}`;
  },
  function phaseFollowsFromTheConditions({ status, conditions }) {
    const expected = phaseOf(conditions);
    return status.phase === expected ? undefined : `3: phase is ${status.phase}, the conditions say ${expected}`;
  },
  function nothingFinishedIsBlocked({ conditions }) {
    const blocked = conditions.find(({ type }) => type === 'Blocked')?.status;
    return isFinished(conditions) && blocked !== 'False' ? `5: finished, and Blocked is ${blocked}` : undefined;
  },
  function finishedAtMeansTerminal({ status, conditions }) {
    const stamped = status.finishedAt !== undefined;
    return stamped === isFinished(conditions) ? undefined : `6: finishedAt is ${status.finishedAt}`;
  },
  function runtimeRefMeansSubmitted({ status }) {
    const referenced = status.runtimeRef !== undefined;
    return referenced === (status.submittedAt !== undefined)
      ? undefined
      : `7: runtimeRef is ${referenced ? 'set' : 'absent'} while submittedAt is ${status.submittedAt}`;
  },
  function nothingStartedIsPending({ status }) {
    const impossible = status.startedAt !== undefined && status.phase === 'Pending';
    return impossible ? `13: Pending although it started at ${status.startedAt}` : undefined;
  },
  function attemptsAreCountedOn({ status: { attempts = [], submittedAt } }) {
    const numbers = attempts.map(({ number }) => number);
    const counted = numbers.every((number, index) => index === 0 || number === numbers[index - 1]! + 1);
    const kept = attempts.length <= 10 && (numbers[0] === 1 || attempts.length === 10);
    const right = attempts.length === 0 ? submittedAt === undefined : counted && kept;
    return right ? undefined : `14: attempts are ${JSON.stringify(numbers)}, submitted at ${submittedAt}`;
  },
  function allAttemptsButTheCurrentOneHaveFailed({ status: { attempts = [] }, conditions }) {
    const over = isFinished(conditions) ? attempts : attempts.slice(0, -1);
    const open = over.filter(({ finishedAt }) => finishedAt === undefined);
    const untold = attempts.slice(0, -1).filter(({ failureClass }) => failureClass === undefined);
    const wrong = [...open, ...untold].map(({ number }) => number);
    return wrong.length > 0 ? `15: attempts ${wrong.join()} are behind and did not fail` : undefined;
  },
  function anAttemptThatHasEndedStays({ status: { attempts = [] }, before }) {
    const changed = (before?.attempts ?? []).filter((old) => {
      const now = attempts.find(({ number }) => number === old.number);
      return old.finishedAt !== undefined && now !== undefined && !isDeepStrictEqual(now, old);
    });
    return changed.length > 0 ? `16: ended and changed: ${changed.map(({ number }) => number).join()}` : undefined;
  },
  function theWorkloadIsThatOfTheLastAttempt({ status: { attempts = [], runtimeRef } }) {
    return isDeepStrictEqual(attempts.at(-1)?.runtimeRef, runtimeRef)
      ? undefined
      : `17: runtimeRef is ${JSON.stringify(runtimeRef)}, not that of the last attempt`;
  },
  function finalFieldsStay({ status, before }) {
    const changed = FINAL_FIELDS.filter(
      (field) => before?.[field] !== undefined && JSON.stringify(before[field]) !== JSON.stringify(status[field]),
    );
    return changed.length > 0 ? `12: written once and changed: ${changed.join(', ')}` : undefined;
  },
];

/**
 * Throws one Error that lists every violated invariant by its number (ARCHITECTURE.md, "Tests"). An object without a
 * status violates none.
 */
export function checkStatusInvariants(object: CheckedObject, { previous, secrets = [] }: InvariantContext = {}): void {
  const { status } = object;
  if (status === undefined) return;
  const before = previous?.metadata.uid === object.metadata.uid ? previous.status : undefined;
  const checked = { object, status, conditions: status.conditions ?? [], before, secrets };
  const invariants = object.kind === 'AgentRun' ? [...ALWAYS, ...OF_RUNS] : ALWAYS;
  const violated = invariants.map((invariant) => invariant(checked)).filter((text) => text !== undefined);
  if (violated.length === 0) return;
  const name = `${object.kind} ${object.metadata.namespace ?? ''}/${object.metadata.name}`;
  throw new Error(`${name} violates ${violated.length} status invariants:\n  ${violated.join('\n  ')}`);
}

function isFinished(conditions: readonly Condition[]): boolean {
  return conditions.some(({ type, status }) => type === 'Finished' && status === 'True');
}

/** Read from the table of conditions, and on purpose not with the project's own function. */
function phaseOf(conditions: readonly Condition[]): string {
  const finished = conditions.find(({ type, status }) => type === 'Finished' && status === 'True');
  if (finished !== undefined) return finished.reason;
  const inProgress = conditions.find(({ type, status }) => type === 'InProgress' && status === 'True');
  return inProgress === undefined || inProgress.reason === 'Submitted' ? 'Pending' : 'Running';
}
