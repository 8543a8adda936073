import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Masker, maskText } from './masker.js';

function inChunks(text: string, secrets: readonly string[], sizes: readonly number[]): string {
  const masker = new Masker(secrets);
  const bytes = Buffer.from(text);
  const out: Buffer[] = [];
  let at = 0;
  for (const size of sizes) {
    out.push(masker.push(bytes.subarray(at, at + size)));
    at += size;
  }
  return Buffer.concat([...out, masker.push(bytes.subarray(at)), masker.end()]).toString();
}

const letters = (min: number, max: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom('a', 'b', 'é'), minLength: min, maxLength: max });

describe('Masker', () => {
  it.each([
    ['one secret', 'a hunter22 b', ['hunter22'], 'a *** b'],
    ['the longer of two that begin alike', 'a hunter2222 b', ['hunter22', 'hunter2222'], 'a *** b'],
    ['two that overlap as one', 'xx abcdefghij yy', ['abcdefgh', 'efghij'], 'xx *** yy'],
    ['two in a row as two', 'hunter22hunter22', ['hunter22'], '******'],
    ['one that overlaps itself', 'aaaaaaaaaaaa', ['aaaaaaaa'], '***'],
    ['one of several bytes a character', 'ein schönes-wort', ['schönes-'], 'ein ***wort'],
    ['one with line ends', 'key: a\nbcdefg\n.', ['a\nbcdefg'], 'key: ***\n.'],
  ])('masks %s', (_, text, secrets, expected) => {
    expect(maskText(text, secrets)).toBe(expected);
  });

  it('passes everything on at once when nothing is secret', () => {
    expect(new Masker([]).push(Buffer.from('abc')).toString()).toBe('abc');
  });

  it('holds back no more than what may be the beginning of a secret', () => {
    const masker = new Masker(['hunter22']);
    expect(masker.push(Buffer.from('password? h')).toString()).toBe('password? ');
    expect(masker.push(Buffer.from('m')).toString()).toBe('hm');
  });

  it('gives the same for every way of cutting the text into chunks, and never shows a secret', () => {
    const sizes = fc.array(fc.nat(7), { maxLength: 30 });
    fc.assert(
      fc.property(fc.array(letters(2, 6), { maxLength: 4 }), letters(0, 60), sizes, (secrets, text, cuts) => {
        const whole = maskText(text, secrets);
        expect(inChunks(text, secrets, cuts)).toBe(whole);
        for (const secret of secrets) expect(whole).not.toContain(secret);
      }),
    );
  });
});
