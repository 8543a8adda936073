import { jsonLines } from './json-lines.js';

async function read(chunks: readonly Uint8Array[]): Promise<unknown[]> {
  async function* stream(): AsyncGenerator<Uint8Array> {
    for (const chunk of chunks) yield await Promise.resolve(chunk);
  }
  const values: unknown[] = [];
  for await (const value of jsonLines(stream())) values.push(value);
  return values;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('jsonLines', () => {
  it('gives one value per line, however many are in a chunk', async () => {
    expect(await read([bytes('{"a":1}\n{"a":2}\n'), bytes('{"a":3}\n')])).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }]);
  });

  it('joins lines and characters that were cut at any byte', async () => {
    const line = bytes('{"text":"grüße 🚀 \\n ende"}\n{"next":true}\n');
    for (let cut = 0; cut <= line.length; cut += 1) {
      const values = await read([line.subarray(0, cut), line.subarray(cut)]);
      expect(values).toEqual([{ text: 'grüße 🚀 \n ende' }, { next: true }]);
    }
  });

  it('joins a value that arrives byte by byte', async () => {
    const line = bytes('{"text":"ünï"}\n');
    expect(await read([...line].map((byte) => Uint8Array.of(byte)))).toEqual([{ text: 'ünï' }]);
  });

  it('drops what follows the last line break, even when it would parse', async () => {
    expect(await read([bytes('{"a":1}\n{"a":2}')])).toEqual([{ a: 1 }]);
    expect(await read([bytes('{"a":1}\n{"a":')])).toEqual([{ a: 1 }]);
  });

  it('skips empty lines', async () => {
    expect(await read([bytes('\n{"a":1}\r\n\n  \n{"a":2}\n')])).toEqual([{ a: 1 }, { a: 2 }]);
  });

  it('throws for a line that is not JSON', async () => {
    await expect(read([bytes('<html>\n')])).rejects.toThrow(SyntaxError);
  });
});
