// All controls but tab and line feed: a terminal or a log viewer would act on them.
const CONTROL = /(?![\t\n])\p{Cc}/gu;

/**
 * What a run sees of an ImplementationSpec's text: LF line ends, no trailing white space, no control characters, no empty
 * lines around it. The user's own object is never rewritten.
 */
export function normaliseText(text: string): string {
  // Not by regular expressions such as /\s+$/: they take time by the square of a long run of spaces, and the text is a
  // stranger's. U+2028 and U+2029 end no line here, as in LF files.
  const lines = text
    .replace(/\r\n?/g, '\n')
    .replace(CONTROL, '')
    .split('\n')
    .map((line) => line.trimEnd());
  const first = lines.findIndex((line) => line !== '');
  return first === -1 ? '' : lines.slice(first, lines.findLastIndex((line) => line !== '') + 1).join('\n');
}
