import { keyOf, parseKey } from './key.js';

describe('keyOf and parseKey', () => {
  it.each([
    ['a namespaced object', { namespace: 'team', name: 'run' }, 'team/run'],
    ['an object without a namespace', { name: 'node-1' }, '/node-1'],
  ])('agree on %s', (_name, meta, key) => {
    expect(keyOf(meta)).toBe(key);
    expect(parseKey(key)).toEqual({ namespace: '', ...meta });
  });

  it.each(['run', 'team/', 'a/b/c'])('refuse "%s"', (key) => {
    expect(() => parseKey(key)).toThrow(RangeError);
  });
});
