import { boundText, MAX_MESSAGE_BYTES } from './text.js';

const bytes = (text: string): number => Buffer.byteLength(text);

describe('boundText', () => {
  it.each([
    ['leaves a short text as it is', 'agent codex not found', 64, 'agent codex not found'],
    ['leaves a text of exactly the bound as it is', 'abcdef', 6, 'abcdef'],
    ['cuts a longer text and marks the cut', 'abcdefghij', 6, 'abc…'],
    ['never cuts inside a two-byte character', 'aéééé', 6, 'aé…'],
    ['never cuts inside a four-byte character', '🚀🚀🚀', 10, '🚀…'],
    ['gives an empty text when not even the mark fits', 'abcdef', 2, ''],
  ])('%s', (_name, text, max, expected) => {
    expect(boundText(text, max)).toBe(expected);
    expect(bytes(boundText(text, max))).toBeLessThanOrEqual(max);
  });

  it('bounds to one KiB unless told otherwise', () => {
    expect(bytes(boundText('x'.repeat(5000)))).toBe(MAX_MESSAGE_BYTES);
  });
});
