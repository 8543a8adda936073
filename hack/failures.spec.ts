import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ALWAYS_RETRIED_CLASSES, FAILURE_CLASSES, OPTIONAL_RETRY_CLASSES } from '../src/api/v1alpha1/failure-class.js';
import { Page, ROOT, tableRows } from '../test/support/markdown.js';
import { TestTitles } from '../test/support/test-titles.js';

const rows = tableRows(new Page('docs/spec/v1alpha1/agentrun.md').section('Failures')).map(
  ([what = '', failureClass = '', retried = '', , evidence = '']) => ({
    what,
    failureClass: failureClass.replaceAll('`', ''),
    retried,
    evidence: evidence.split('<br>'),
  }),
);

/** The column "Retried" of a class; a run whose node is silent has none yet. */
function retriedOf(failureClass: string): string {
  if (failureClass === 'none yet') return 'no';
  if (ALWAYS_RETRIED_CLASSES.some((each) => each === failureClass)) return 'always';
  return OPTIONAL_RETRY_CLASSES.some((each) => each === failureClass) ? 'if `retry.on` names it' : 'never';
}

describe('the table of failures', () => {
  it('has each class that there is, and no other', () => {
    const named = new Set(rows.map(({ failureClass }) => failureClass));
    expect([...named].toSorted()).toEqual([...FAILURE_CLASSES, 'none yet'].toSorted());
  });

  it.each(rows)('says what is repeated: $what', ({ failureClass, retried }) => {
    expect(retried).toBe(retriedOf(failureClass));
  });

  it.each(rows)('names evidence that is there: $what', ({ evidence }) => {
    const missing = evidence.filter((line) => {
      const [, path = '', title = ''] = /^`((?:src|test)\/[^`]+\.spec\.ts)`: (.+)$/.exec(line.trim()) ?? [];
      return !existsSync(join(ROOT, path)) || path === '' || !TestTitles.ofFile(path).has(title);
    });
    expect(missing).toEqual([]);
  });
});
