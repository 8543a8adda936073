import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { OutputTail } from './output-tail.js';

describe('the tail of an output', () => {
  it('is the end of everything that was pushed, in whatever pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme-ascii', maxLength: 20 }), { maxLength: 20 }), (pieces) => {
        const tail = new OutputTail(8);
        for (const piece of pieces) tail.push(Buffer.from(piece));
        expect(tail.text()).toBe(pieces.join('').slice(-8));
      }),
    );
  });

  it('marks a character that its beginning cuts', () => {
    const tail = new OutputTail(3);
    tail.push(Buffer.from('é!!'));
    expect(tail.text()).toBe('\ufffd!!');
  });
});
