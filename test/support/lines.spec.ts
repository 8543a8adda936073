import { Readable } from 'node:stream';
import { lines } from './lines.js';

/** The bytes of `text`, `size` of them at a time. */
function chunksOf(text: string, size: number): AsyncIterable<Buffer> {
  const bytes = Buffer.from(text);
  const starts = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) => n * size);
  return Readable.from(starts.map((start) => bytes.subarray(start, start + size)));
}

describe('lines', () => {
  it.each([1, 2, 3, 100])('come out whole however the bytes were cut: %d at a time', async (size) => {
    const found: string[] = [];
    for await (const line of lines(chunksOf('{"a":"ü"}\n\n"\u2028\u{1f600}\r"\nrest', size))) found.push(line);
    expect(found).toEqual(['{"a":"ü"}', '', '"\u2028\u{1f600}\r"']);
  });
});
