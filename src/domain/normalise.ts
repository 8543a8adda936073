// All controls but tab and line feed: a terminal or a log viewer would act on them.
const CONTROL = /(?![\t\n])\p{Cc}/gu;

/**
 * What a run sees of an ImplementationSpec's text: LF line ends, no trailing white space, no control characters, no empty
 * lines around it. The user's own object is never rewritten.
 */
export function normaliseText(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(CONTROL, '')
    .replace(/[^\S\n]+$/gmu, '')
    .replace(/^\n+|\n+$/g, '');
}
