// C0 and C1 controls but for tab and line feed: a terminal or a log viewer would act on them.
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/gu;

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
