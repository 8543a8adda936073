import { setTimeout as yieldTo } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { normaliseText } from './normalise.js';

describe('the text of an implementation as a run sees it', () => {
  it.each([
    ['is left alone when there is nothing to do', 'a\n\n  b\tc', 'a\n\n  b\tc'],
    ['has LF line ends', 'a\r\nb\rc\nd', 'a\nb\nc\nd'],
    ['has no trailing white space', 'a  \nb\t\n c\u00a0', 'a\nb\n c'],
    ['has no control characters', 'a\u0000b\u001b[31mc\u0085d\u007f', 'ab[31mcd'],
    ['has no trailing white space of other scripts', 'a\u3000\nb\ufeff\u2003', 'a\nb'],
    ['is empty when it is white space alone', ' \n\t\n', ''],
    ['has no empty lines around it', '\n\na\n\nb\n\n', 'a\n\nb'],
    ['keeps the first line indented', '\n  a', '  a'],
    ['keeps emoji and other scripts', '👩‍💻 日本語', '👩‍💻 日本語'],
    ['keeps what looks like a template', '{{ env.TOKEN }} $(X) `id`', '{{ env.TOKEN }} $(X) `id`'],
  ])('%s', (_name, text, expected) => {
    expect(normaliseText(text)).toBe(expected);
    expect(normaliseText(expected)).toBe(expected);
  });

  it.each([
    ['spaces before a word', `${' '.repeat(131_071)}x`, `${' '.repeat(131_071)}x`],
    ['spaces at the end', `x${' '.repeat(131_071)}`, 'x'],
    ['empty lines between words', `a${'\n'.repeat(131_070)}b`, `a${'\n'.repeat(131_070)}b`],
    ['empty lines around a word', `${'\n'.repeat(65_536)}a${'\r\n'.repeat(32_767)}`, 'a'],
    ['lines of white space alone', ' \n'.repeat(65_536), ''],
    ['white space of other scripts', `${'\u00a0\u3000\ufeff\u2028'.repeat(32_767)}x`, expect.stringMatching(/x$/)],
  ])('takes 128 KiB of %s in time that grows with the length alone', async (_name, text, expected) => {
    expect(normaliseText(text)).toEqual(expected);
    // Jest's own timeout can only fail a test that gives way: by its square, the length takes far longer than that.
    await yieldTo(0);
  });
});
