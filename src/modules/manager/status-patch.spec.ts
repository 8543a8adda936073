import fc from 'fast-check';
import { mergePatch } from './status-patch.js';

/** RFC 7386, section 2, word for word. */
function apply(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const base = typeof target === 'object' && target !== null && !Array.isArray(target) ? target : {};
  const result = new Map<string, unknown>(Object.entries(base));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) result.delete(key);
    else result.set(key, apply(result.get(key), value));
  }
  return Object.fromEntries(result);
}

describe('mergePatch', () => {
  it.each([
    { name: 'nothing when both say the same', current: { a: 1 }, next: { a: 1 }, patch: undefined },
    {
      name: 'nothing when only the order differs',
      current: { a: 1, b: { c: 1, d: 2 } },
      next: { b: { d: 2, c: 1 }, a: 1 },
      patch: undefined,
    },
    {
      name: 'nothing when a key is undefined instead of absent',
      current: { a: 1 },
      next: { a: 1, b: undefined },
      patch: undefined,
    },
    {
      name: 'nothing when lists hold the same maps',
      current: { l: [{ a: 1, b: 2 }] },
      next: { l: [{ b: 2, a: 1 }] },
      patch: undefined,
    },
    { name: 'nothing for an empty status on an object without one', current: undefined, next: {}, patch: undefined },
    {
      name: 'a whole status for an object without one',
      current: undefined,
      next: { a: { b: 1 } },
      patch: { a: { b: 1 } },
    },
    { name: 'only the key that changed', current: { a: 1, b: 2 }, next: { a: 1, b: 3 }, patch: { b: 3 } },
    {
      name: 'only the nested key that changed',
      current: { m: { a: 1, b: 2 } },
      next: { m: { a: 1, b: 3 } },
      patch: { m: { b: 3 } },
    },
    { name: 'null for a key that goes', current: { a: 1, b: 2 }, next: { a: 1 }, patch: { b: null } },
    {
      name: 'null for a key that becomes undefined',
      current: { a: 1, b: 2 },
      next: { a: 1, b: undefined },
      patch: { b: null },
    },
    { name: 'null for a nested key that goes', current: { m: { a: 1 } }, next: { m: {} }, patch: { m: { a: null } } },
    { name: 'a list as a whole', current: { l: [1, 2] }, next: { l: [1] }, patch: { l: [1] } },
    {
      name: 'a list without the undefined keys of its maps',
      current: {},
      next: { l: [{ a: 1, b: undefined }] },
      patch: { l: [{ a: 1 }] },
    },
    { name: 'a value that changes its type', current: { a: 'x' }, next: { a: { b: 1 } }, patch: { a: { b: 1 } } },
    { name: 'a list that becomes a map', current: { a: [1] }, next: { a: { b: 1 } }, patch: { a: { b: 1 } } },
  ])('is $name', ({ current, next, patch }) => {
    expect(mergePatch(current, next)).toEqual(patch);
  });

  const json = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.integer({ max: 3 }),
      fc.constantFrom('x', 'y'),
      fc.boolean(),
      tie('list'),
      tie('map'),
    ),
    list: fc.array(tie('value'), { maxLength: 3 }),
    map: fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), { noNullPrototype: true }),
  }));
  const status = json.map;

  it('turns any status into any other when it is applied as RFC 7386 says', () => {
    fc.assert(
      fc.property(status, status, (current, next) => {
        expect(apply(current, mergePatch(current, next) ?? {})).toEqual(next);
      }),
    );
  });

  it('is undefined exactly when there is nothing to change', () => {
    fc.assert(
      fc.property(status, (current) => {
        expect(mergePatch(current, structuredClone(current))).toBeUndefined();
      }),
    );
  });
});
