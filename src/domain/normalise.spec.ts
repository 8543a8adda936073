import { describe, expect, it } from '@jest/globals';
import { normaliseText } from './normalise.js';

describe('the text of an implementation as a run sees it', () => {
  it.each([
    ['is left alone when there is nothing to do', 'a\n\n  b\tc', 'a\n\n  b\tc'],
    ['has LF line ends', 'a\r\nb\rc\nd', 'a\nb\nc\nd'],
    ['has no trailing white space', 'a  \nb\t\n c\u00a0', 'a\nb\n c'],
    ['has no control characters', 'a\u0000b\u001b[31mc\u0085d\u007f', 'ab[31mcd'],
    ['has no empty lines around it', '\n\na\n\nb\n\n', 'a\n\nb'],
    ['keeps the first line indented', '\n  a', '  a'],
    ['keeps emoji and other scripts', '👩‍💻 日本語', '👩‍💻 日本語'],
    ['keeps what looks like a template', '{{ env.TOKEN }} $(X) `id`', '{{ env.TOKEN }} $(X) `id`'],
  ])('%s', (_name, text, expected) => {
    expect(normaliseText(text)).toBe(expected);
    expect(normaliseText(expected)).toBe(expected);
  });
});
