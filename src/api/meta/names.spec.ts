import fc from 'fast-check';
import { childName, labelValue } from './names.js';

const UID = '5b0c2d6e-3a51-4c8e-9d53-4e1f6b7a8c9d';
const OTHER_UID = '00000000-0000-4000-8000-000000000000';
const DNS_LABEL = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
const LABEL_VALUE = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/;

describe('childName', () => {
  it('is the run, a hash of its uid and the suffix', () => {
    expect(childName('fix-login', UID, '1')).toMatch(/^fix-login-[0-9a-f]{10}-1$/);
  });

  it.each([
    ['another uid', childName('run', OTHER_UID, '1')],
    ['another suffix', childName('run', UID, '2')],
    ['another run', childName('ran', UID, '1')],
  ])('differs for %s', (_name, other) => {
    expect(other).not.toBe(childName('run', UID, '1'));
  });

  it('replaces the dots that a run may have and its child may not', () => {
    expect(childName('v1.2.3', UID, 'spec')).toMatch(/^v1-2-3-[0-9a-f]{10}-spec$/);
  });

  it.each(['', 'Upper', '-1', 'a_b', 'x'.repeat(60)])('refuses "%s" as a suffix', (suffix) => {
    expect(() => childName('run', UID, suffix)).toThrow(RangeError);
  });

  it('is a DNS label of at most 63 characters, and the same each time, for every name of a run', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9.-]{1,253}$/), fc.uuid(), (run, uid) => {
        const name = childName(run, uid, '12');
        expect(name).toMatch(DNS_LABEL);
        expect(name.length).toBeLessThanOrEqual(63);
        expect(childName(run, uid, '12')).toBe(name);
      }),
    );
  });
});

describe('labelValue', () => {
  it.each(['', 'codex-agent', 'a.b_c', 'x'.repeat(63)])('keeps the valid value "%s"', (value) => {
    expect(labelValue(value)).toBe(value);
  });

  it('shortens a long value with a hash, so that two long values stay two', () => {
    const long = 'agent-'.repeat(20);
    expect(labelValue(`${long}a`)).toMatch(/^agent-agent-.*-[0-9a-f]{10}$/);
    expect(labelValue(`${long}a`)).not.toBe(labelValue(`${long}b`));
  });

  it('is a valid label value for every text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (text) => {
        expect(labelValue(text)).toMatch(LABEL_VALUE);
        expect(labelValue(text).length).toBeLessThanOrEqual(63);
      }),
    );
  });
});
