/** What a pattern is made of: quoted text, an escaped character, a class, a counted repetition, any other character. */
const PARTS =
  /\\Q.*?(?:\\E|$)|\\(?:[xpP]\{[^}]*\}|.)|\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]|\{(\d+)(?:,(\d*))?\}|./gsu;

/**
 * How many steps the program of a regular expression has, at most and roughly: its characters, those that are counted
 * (`(ab){100}`) as often as they are counted. Counts nest, so a short pattern can be a program of a million steps.
 */
export function patternSize(pattern: string): number {
  let size = 0;
  /** Of what a count would repeat. */
  let last = 0;
  const outside: number[] = [];
  for (const [part, least, most] of pattern.matchAll(PARTS)) {
    if (least !== undefined) {
      const times = Math.max(Number(least), Number(most ?? least), 1);
      size += last * (times - 1);
      last *= times;
    } else if (part === '(') {
      outside.push(size);
      size = 1;
      last = 0;
    } else if (part === ')') {
      last = size + 1;
      size = last + (outside.pop() ?? 0);
    } else {
      last = part.startsWith('\\Q') ? part.length : 1;
      size += last;
    }
  }
  return outside.reduce((sum, each) => sum + each, size);
}
