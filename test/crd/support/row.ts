import type { Cause, Plural } from './admission.js';

/** One object that the API server accepts or rejects. */
export interface Row {
  name: string;
  plural: Plural;
  spec: object;
  /** The complaint, when it is rejected; the message is the whole of a rule's, or a part of the schema's. */
  rejected?: Cause;
}

/** One change of a stored object. */
export interface ChangeRow extends Row {
  before: object;
}

type NamedSpec = readonly [name: string, spec: object];
type RejectedSpec = readonly [name: string, spec: object, field: string, message: string];

export function accepted(plural: Plural, rows: readonly NamedSpec[]): Row[] {
  return rows.map(([name, spec]) => ({ name, plural, spec }));
}

export function rejected(plural: Plural, rows: readonly RejectedSpec[]): Row[] {
  return rows.map(([name, spec, field, message]) => ({ name, plural, spec, rejected: { field, message } }));
}
