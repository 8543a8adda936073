/** Bound of every message in a status, in bytes of UTF-8. */
export const MAX_MESSAGE_BYTES = 1024;

const ELLIPSIS = '…';

/**
 * Cuts `text` so that it takes at most `maxBytes` bytes of UTF-8, never inside a character; a cut text ends in `…`.
 * Bytes and not characters, because etcd, the termination message and environment values are bounded in bytes.
 */
export function boundText(text: string, maxBytes: number = MAX_MESSAGE_BYTES): string {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= maxBytes) return text;
  const room = maxBytes - new TextEncoder().encode(ELLIPSIS).length;
  let end = Math.max(0, room);
  // 10xxxxxx is a continuation byte: the character it belongs to would be cut in two.
  while (end > 0 && ((bytes[end] ?? 0) & 0b1100_0000) === 0b1000_0000) end -= 1;
  return new TextDecoder().decode(bytes.subarray(0, end)) + (room >= 0 ? ELLIPSIS : '');
}
