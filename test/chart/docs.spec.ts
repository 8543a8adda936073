import { Page, tableRows } from '../support/markdown.js';
import { one, render } from './support/helm.js';

interface Rule {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly verbs?: readonly string[];
}

const words = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word);

/** A right as one line, the same for a row of a table and for a rule of a Role. */
const line = (group: string, resources: readonly string[], verbs: readonly string[]): string =>
  `${group || 'core'}: ${resources.toSorted().join()}: ${verbs.toSorted().join()}`;

describe('the page about operations', () => {
  it('lists every right that the chart gives, and no other', async () => {
    const rules: readonly Rule[] = one(await render(), 'Role').rules ?? [];
    const given = rules.map(({ apiGroups = [], resources = [], verbs = [] }) =>
      line(apiGroups.join(), resources, verbs),
    );
    const rights = new Page('docs/operations.md').section('Rights').split('### ')[0] ?? '';
    const listed = tableRows(rights).map(([group = '', resources = '', verbs = '']) =>
      line(words(group).join(), words(resources), words(verbs)),
    );
    expect(listed.toSorted()).toEqual(given.toSorted());
  });
});
