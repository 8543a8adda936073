import { valueRows, withValuesTable } from './readme.js';

const BEGIN = '<!-- values:begin, generated from values.yaml -->';
const END = '<!-- values:end -->';

describe('valueRows', () => {
  it('makes a row of every described value, in order, with the path as --set takes it', () => {
    const source = [
      '# About the file.',
      '',
      '# -- First of all.',
      'first: 1',
      '',
      '# About the group.',
      'group:',
      '  # -- First of a group.',
      "  one: ''",
      '  inner:',
      '    # -- First of',
      '    # an inner group.',
      '    two: [a]',
      '  # -- A map as one value.',
      '  whole:',
      '    cpu: 50m',
    ].join('\n');
    expect(valueRows(source)).toEqual([
      { key: 'first', default: '1', description: 'First of all.' },
      { key: 'group.one', default: '""', description: 'First of a group.' },
      { key: 'group.inner.two', default: '["a"]', description: 'First of an inner group.' },
      { key: 'group.whole', default: '{"cpu":"50m"}', description: 'A map as one value.' },
    ]);
  });

  it.each([
    ['at the top', 'a: 1', 'a'],
    ['in a group', 'a:\n  # -- Described.\n  b: 1\n  c: 2', 'a.c'],
    ['that only has an ordinary comment', '# Just so.\na: 1', 'a'],
  ])('names a value without a description %s', (_title, source, key) => {
    expect(() => valueRows(source)).toThrow(`values.yaml: ${key} has no comment that begins with "# -- "`);
  });

  it('refuses a file that is not a map', () => {
    expect(() => valueRows('- a')).toThrow('values.yaml: not a map');
  });
});

describe('withValuesTable', () => {
  const rows = [{ key: 'a.b', default: '"x|y"', description: 'This | that.' }];

  it('replaces what is between the markers and keeps the rest', () => {
    const readme = withValuesTable(`# Title\n\n${BEGIN}\nold\n${END}\n\nEnd.\n`, rows);
    expect(readme).toBe(
      `# Title\n\n${BEGIN}\n\n| Value | Default | Meaning |\n| --- | --- | --- |\n| \`a.b\` | \`"x\\|y"\` | This \\| that. |\n\n${END}\n\nEnd.\n`,
    );
  });

  it('changes nothing the second time', () => {
    const once = withValuesTable(`${BEGIN}${END}`, rows);
    expect(withValuesTable(once, rows)).toBe(once);
  });

  it.each([
    ['begin', END],
    ['end', BEGIN],
  ])('says that the %s marker is missing', (marker, readme) => {
    expect(() => withValuesTable(readme, rows)).toThrow(`README.md: no line "<!-- values:${marker}`);
  });
});
