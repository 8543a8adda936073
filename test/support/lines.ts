import { StringDecoder } from 'node:string_decoder';

/**
 * The lines of a byte stream, without their line breaks, as they become complete; what follows the last line break is
 * no line. Only `\n` ends one: node:readline also breaks at U+2028, which JSON may hold.
 */
export async function* lines(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let line = '';
  for await (const chunk of chunks) {
    const parts = decoder.write(chunk).split('\n');
    for (const part of parts.slice(0, -1)) {
      yield line + part;
      line = '';
    }
    line += parts.at(-1) ?? '';
  }
}
