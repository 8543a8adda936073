import { createHash } from 'node:crypto';

/** Longest DNS-1123 label and longest label value. */
const MAX_LENGTH = 63;
const HASH_LENGTH = 10;
const LABEL_VALUE = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/;
const DNS_LABEL = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, HASH_LENGTH);
}

/**
 * Name of an object made for a run: `<run, cut>-<hash of its uid>-<suffix>`, at most 63 characters, a DNS-1123 label.
 * The uid is in it so that a run deleted and made again under its old name never meets its predecessor's objects.
 *
 * @param suffix what the object is to the run, a short DNS label such as an attempt's number
 * @throws RangeError when the suffix is not a DNS label or leaves no room
 */
export function childName(run: string, uid: string, suffix: string): string {
  const tail = `-${shortHash(uid)}-${suffix}`;
  const room = MAX_LENGTH - tail.length;
  if (!DNS_LABEL.test(suffix) || room < 1) throw new RangeError(`"${suffix}" cannot be the suffix of an object's name`);
  const head = run
    .replace(/[^a-z0-9-]/g, '-')
    .slice(0, room)
    .replace(/^-+|-+$/g, '');
  return head === '' ? tail.slice(1) : head + tail;
}

/** `value` when it is a valid label value, else a readable part of it with a hash of the whole, at most 63 characters. */
export function labelValue(value: string): string {
  if (value.length <= MAX_LENGTH && LABEL_VALUE.test(value)) return value;
  const head = value
    .replace(/[^-A-Za-z0-9_.]/g, '-')
    .slice(0, MAX_LENGTH - HASH_LENGTH - 1)
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '');
  return head === '' ? shortHash(value) : `${head}-${shortHash(value)}`;
}
