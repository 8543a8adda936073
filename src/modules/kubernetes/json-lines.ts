/**
 * Splits a stream of newline-delimited JSON into values. Characters and lines may be cut anywhere between chunks. What
 * follows the last line break is dropped: a line that was cut off is no event, even when it happens to parse.
 *
 * @throws SyntaxError for a line that is not JSON
 */
export async function* jsonLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator {
  const decoder = new TextDecoder();
  let line = '';
  for await (const chunk of chunks) {
    const parts = decoder.decode(chunk, { stream: true }).split('\n');
    // Only the new text is searched: a large object arrives in many chunks.
    for (const part of parts.slice(0, -1)) {
      line += part;
      if (line.trim() !== '') yield JSON.parse(line);
      line = '';
    }
    line += parts.at(-1) ?? '';
  }
}
